import { ArtError } from '@art/core'
import { type Assignment, assignmentsOf, type ModelLedger, stagesOf } from '@art/registry/tag/ledger.ts'
import { parseReference, type Reference } from '@art/registry/tag/reference.ts'
import type { Repo } from '../open.ts'
import type { UnstageOptions, UnstageResult } from '../stage-api.ts'
import { begunMove, type BegunMove, completeMove } from '../registry/begun-move.ts'
import { findRelease, holderOf, ledgerOf } from '../registry/find-release.ts'
import { moveStage } from '../registry/move-stage.ts'
import { changingStages } from '../registry/changing-stages.ts'
import type { Registry } from '../registry/open.ts'

/**
 * Takes a stage from the version that holds it, or from the one that is named, by a tag `name#stage!#N`. As in GTO, the version that held it before
 * gets it back, unless that too was taken away: `all` takes it from every one. Behind one that was killed the next only completes it.
 *
 * Fails with `NOT_FOUND`, `USAGE`, `GIT`.
 */
export async function unstage(
  repo: Repo,
  name: string,
  of: string | undefined,
  options: UnstageOptions = {},
): Promise<UnstageResult> {
  const reference = parseReference(name)
  const stage = of ?? reference.stage
  if (stage === undefined || (of !== undefined && reference.stage !== undefined)) throw unclear(name)
  return await changingStages(repo, options, async (registry, begun) => {
    const ledger = ledgerOf(registry, reference.model)
    const stands = sameMove(begunMove(ledger, stage, begun), stage, reference, options)
    if (stands !== undefined) {
      const [from, to] = [stagesOf(stands.before).get(stage)!, stagesOf(ledger).get(stage)]
      const versions = takenBy(registry, stands.before, { ...reference, stage }, from, options).map(nameOf)
      const told = { name: ledger.model, stage, from: nameOf(from), to: to === undefined ? null : nameOf(to), versions }
      return { ...told, unchanged: true, ...(await completeMove(repo, stands, options)) }
    }
    const holder = holderOf(registry, ledger, stage)
    const taken = takenBy(registry, ledger, { ...reference, stage }, holder, options)
    const from = nameOf(holder)
    const common = { name: ledger.model, stage, from, versions: taken.map(nameOf) }
    if (taken.length === 0) {
      const nothing = { tags: [], files: [], filesCommit: null, left: [], pushed: null, next: null }
      return { ...common, to: from, unchanged: true, ...nothing, dryRun: options.dryRun ?? false }
    }
    const tags = taken.map(({ commit, version }) => ({
      undone: true,
      commit,
      subject: `Take ${stage} from ${ledger.model} ${version ?? commit}`,
      facts: version === undefined ? {} : { version },
    }))
    const subject = tags.length === 1 ? tags[0]!.subject : `Take ${stage} from every version of ${ledger.model}`
    const to = heirOf(ledger, stage, taken)
    const outcome = await moveStage(repo, registry, { ledger, stage, tags, subject, reason: options.reason }, options)
    return { ...common, to: to === undefined ? null : nameOf(to), unchanged: false, ...outcome }
  })
}

/** What was killed, if it is what is asked for now: of a version that is named nothing is taken twice. */
function sameMove(
  begun: BegunMove | undefined,
  stage: string,
  { version, latest }: Reference,
  { all = false }: UnstageOptions,
): BegunMove | undefined {
  if (begun?.kind !== 'taken' || ((version !== undefined || latest) && !all)) return undefined
  const standing = assignmentsOf(begun.before).get(stage) ?? []
  const wanted = all ? standing.length : 1
  return begun.tags.length === wanted && begun.tags[0]!.commit === standing.at(-1)?.commit ? begun : undefined
}

function takenBy(
  registry: Registry,
  ledger: ModelLedger,
  reference: Reference & { stage: string },
  holder: Assignment,
  { all = false }: UnstageOptions,
): Assignment[] {
  const standing = assignmentsOf(ledger).get(reference.stage) ?? []
  if (all) return [...standing].reverse()
  if (reference.version === undefined && reference.latest === undefined) return [holder]
  const { release } = findRelease(registry, versionOf(reference))
  return standing.filter(({ version, commit }) => version === release?.version && commit === release?.commit)
}

function versionOf({ model, version }: Reference): Reference {
  return version === undefined ? { model, latest: true } : { model, version }
}

/** Who has the stage afterwards. */
function heirOf(ledger: ModelLedger, stage: string, taken: readonly Assignment[]): Assignment | undefined {
  return (assignmentsOf(ledger).get(stage) ?? []).findLast((one) => !taken.some(({ tag }) => tag.name === one.tag.name))
}

function nameOf({ version, commit }: Assignment): string {
  return version ?? commit
}

function unclear(name: string): ArtError {
  return new ArtError('USAGE', 'which stage?', {
    path: name,
    hint: "Run `art unstage <name>[@<version>] <stage>`, or `art unstage '<name>#<stage>'`.",
  })
}
