import { isModelName } from '../tag/name.ts'
import { releaseName } from './place.ts'
import type { ReleaseRecord } from './record.ts'
import { deprecationOf, type ModelLedger } from '../tag/ledger.ts'

/** Stages that people serve from, the most important first; any other counts less, the last assigned most. */
const SERVING = ['production', 'prod', 'live']

/** One word for `registry.json`: what a release is to those who use it. */
export function statusOf({
  stages,
  archived,
  deprecated,
}: {
  /** The last assigned last. */
  stages: readonly string[]
  archived: boolean
  deprecated: boolean
}): string {
  if (archived) return 'archived'
  if (deprecated) return 'deprecated'
  return SERVING.find((stage) => stages.includes(stage)) ?? stages.at(-1) ?? 'released'
}

/** What gives a release the status that somebody says it has; undefined where it has it, and for what no command gives. */
export function commandForStatus(told: unknown, { model, version, status, stages }: ReleaseRecord): string | undefined {
  const named = releaseName(model, version)
  if (typeof told !== 'string' || status === 'archived' || stages.includes(told)) return undefined
  if (told === 'archived') return `art archive ${named}`
  return !isModelName(told) || told === 'released' || told === 'deprecated' ? undefined : `art stage ${named} ${told}`
}

/** GTO's `name@deprecated`, which is of a model with all its versions, until something else is said of it. */
export function isDeprecated(ledger: ModelLedger, at = Number.POSITIVE_INFINITY): boolean {
  return deprecationOf(ledger, at) !== undefined
}
