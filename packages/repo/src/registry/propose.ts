import { parsePointer } from '@art/core/pointer/pointer.ts'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import type { TensorTable } from '@art/checkpoint/table/table.ts'
import { architectureChange } from '@art/registry/bump/architecture.ts'
import { type BumpFacts, type BumpProposal, proposeBump } from '@art/registry/bump/propose.ts'
import type { ReleaseRecord } from '@art/registry/files/record.ts'
import { farTable } from '../model/far-table.ts'
import { type Model, pointerModel, trackedModel } from '../model/find.ts'
import { tableOf } from '../model/table-of.ts'
import type { Artifact } from '../target/find.ts'
import type { Session } from '../workspace/session.ts'
import type { ContentGateOptions } from './content-gates.ts'
import { textAt } from './open.ts'

export interface ProposeOptions extends ContentGateOptions {
  /** Ask no remote for tables: it does not answer. */
  local: boolean
}

/** Which part of the version grows, and why: docs/commands/release.md. */
export async function proposeFor(
  session: Session,
  { before, after, artifact }: { before: ReleaseRecord; after: ReleaseRecord; artifact: Artifact },
  options: ProposeOptions,
): Promise<BumpProposal> {
  const isModel = [before, after].some(({ facts }) => facts.format !== undefined || facts.parameters !== undefined)
  const { deciding } = after
  return proposeBump({
    before: bumpFacts(before),
    after: bumpFacts(after),
    architecture: isModel ? await architectureBetween(session, before, artifact, options) : NO_MODEL,
    deciding: deciding && { name: deciding.name, direction: deciding.direction },
    majorGain: session.repo.config.get('release.major_gain'),
  })
}

/** What has no tensors cannot have others. */
const NO_MODEL = { added: 0, removed: 0, renamed: 0, reshaped: 0, same: true }

function bumpFacts({ weights, facts, entry }: ReleaseRecord): BumpFacts {
  const config = [...Object.entries(facts.config), ...(entry.training ?? [])]
  return {
    weights,
    parameters: facts.parameters,
    dataset: entry.dataset,
    config: new Map(config.map(([key, value]) => [key, plainText(value)])),
    metrics: new Map(Object.entries(facts.metrics)),
  }
}

function plainText(value: unknown): string {
  if (value instanceof Map) return JSON.stringify(Object.fromEntries(value))
  return typeof value === 'string' ? value : JSON.stringify(value)
}

async function architectureBetween(
  session: Session,
  before: ReleaseRecord,
  artifact: Artifact,
  options: ProposeOptions,
): Promise<ReturnType<typeof architectureChange> | undefined> {
  const earlier = await releasedModel(session, before)
  const one = earlier && (await tableFor(session, earlier, options))
  const other = one && (await tableFor(session, trackedModel(session, artifact), options))
  return other && architectureChange(one, other)
}

type Pointed = ReturnType<typeof trackedModel>

/** The content of a release, by the pointer that its commit has; undefined where that is of another content. */
async function releasedModel(
  session: Session,
  { path, commit, oid, tag }: ReleaseRecord,
): Promise<Pointed | undefined> {
  const pointerPath = pointerPathFor(path)
  const text = await textAt(session.repo, commit, pointerPath)
  const pointer =
    text === undefined ? undefined : await parsePointer(text, { path: pointerPath }).catch(() => undefined)
  return pointer?.oid === oid ? pointerModel(session, { name: tag, path, pointer, rev: tag }) : undefined
}

async function tableFor(
  session: Session,
  model: Model & Pointed,
  { local, ...options }: ProposeOptions,
): Promise<TensorTable | undefined> {
  const own = await tableOf(session, model, options.signal === undefined ? {} : { signal: options.signal })
  if (own !== undefined || local) return own?.table
  return (await farTable(session, model, options, true))?.table
}
