import type { CallOptions } from '@art/core'
import { type CurrentFiles, type MadeFile, makeFiles, makeRegistry } from '@art/registry/files/make-files.ts'
import { REGISTRY_FILE, releaseName } from '@art/registry/files/place.ts'
import type { ReleaseRecord } from '@art/registry/files/record.ts'
import { releasesAlone } from '@art/registry/files/render-registry.ts'
import { type Ledger, releasesOf } from '@art/registry/tag/ledger.ts'
import type { Tag } from '@art/registry/tag/tag.ts'
import { runGit } from '../git/run.ts'
import { tagsFetch } from '../git/state.ts'
import type { Repo } from '../open.ts'
import type { Disagreement, ModelsCheckResult } from '../registry-api.ts'
import type { Registry } from './open.ts'
import { describe, draftReleases, standingAgain } from './records.ts'

/** How many steps back in time the files may lag behind the tags before that is no longer looked at step by step. */
const MOST_STEPS = 64

/** That tell of each release. */
const FILES = 3

/**
 * Compares the files with the tags that HEAD reaches. Those that are newer than HEAD may be in the files or not, in the order in which they were
 * made: a tag is made after the commit that it is of, and the commit that tells of it later still.
 */
export async function agreement(
  repo: Repo,
  registry: Registry,
  found: CurrentFiles,
  { signal }: CallOptions = {},
): Promise<ModelsCheckResult> {
  const releases = [...registry.ledger.values()].flatMap((ledger) => releasesOf(ledger))
  const all = describe(await draftReleases(repo, registry, releases, signal), registry)
  const tags = [...new Set([...registry.ledger.values()].flatMap(({ events }) => events.map(({ tag }) => tag)))]
  const { reached, date } = await fromHead(repo, signal)
  const isReached = ({ name }: Tag): boolean => reached.has(name)
  const isNewer = (tag: Tag): boolean => isReached(tag) && tag.date > date
  const newer = tags.filter(isNewer).sort((a, b) => b.date - a.date)

  const names = new Set(releases.map(({ model, version }) => releaseName(model, version)))
  const isGone = (model: string, version: string): boolean => !names.has(releaseName(model, version))
  const files = {
    ...found,
    registry: found.registry === undefined ? undefined : releasesAlone(all.records, found.registry),
  }
  const made = await makeFiles(all.records, files, isGone)
  const others = made.filter(({ path }) => path !== REGISTRY_FILE)
  const optional = optionalReleases(registry.ledger, (tag) => isNewer(tag) || !isReached(tag))
  const lagging = laggingTags(made, optional)

  let best: { problems: Disagreement[]; isCounted: (tag: Tag) => boolean } | undefined
  for (const isCounted of [() => true, ...stepsBack(newer, isReached, date)]) {
    const registryFile = makeRegistry(asOf(all.records, registry, isCounted), files, isGone)
    const problems = problemsOf(repo, [...registryFile, ...others], optional, lagging)
    if (best === undefined || problems.length < best.problems.length) best = { problems, isCounted }
    if (problems.length === 0) break
  }
  const { problems, isCounted } = best!
  const isBehind = (tag: Tag): boolean => !isCounted(tag) || lagging.has(tag.name)
  return {
    ok: problems.length === 0,
    releases: all.records.length,
    disagreements: problems,
    behind: newer.filter(isBehind).map(({ name }) => name),
    undescribed: all.undescribed.map(({ tag }) => tag),
  }
}

/** Every tag that HEAD reaches, then without the newest, and so on until only those are left that are not newer than HEAD. */
function stepsBack(newer: readonly Tag[], isReached: (tag: Tag) => boolean, date: number): ((tag: Tag) => boolean)[] {
  const dates = [...new Set(newer.map((tag) => tag.date - 1))].slice(0, MOST_STEPS)
  return [Number.POSITIVE_INFINITY, ...dates, date].map((most) => (tag) => isReached(tag) && tag.date <= most)
}

/** The records with the stages that a part of the tags gives them. */
function asOf(
  all: readonly ReleaseRecord[],
  { ledger, models }: Registry,
  isCounted: (tag: Tag) => boolean,
): ReleaseRecord[] {
  const part: Ledger = new Map(
    [...ledger].map(([model, { events }]) => [
      model,
      // Registrations count whenever they were made: what the files tell of them is compared apart.
      { model, events: events.filter(({ tag, word }) => word.kind === 'version' || isCounted(tag)) },
    ]),
  )
  return standingAgain(all, { ledger: part, models })
}

/** Tags of releases, by the names of these, that the files need not know of yet: of those that were made, and of those that were taken back. */
function optionalReleases(ledger: Ledger, isOptional: (tag: Tag) => boolean): ReadonlyMap<string, string> {
  const optional = new Map<string, string>()
  for (const [model, { events }] of ledger) {
    for (const { word, tag } of events)
      if (word.kind === 'version' && isOptional(tag)) optional.set(releaseName(model, word.version), tag.name)
  }
  return optional
}

/** Optional tags that the files do not know of. A release that some file tells of must be in all. */
function laggingTags(made: readonly MadeFile[], optional: ReadonlyMap<string, string>): ReadonlySet<string> {
  const missing = new Map<string, number>()
  const lagging = new Set<string>()
  for (const { kind, release = '' } of made.flatMap(({ problems }) => problems)) {
    const tag = optional.get(release)
    if (tag === undefined) continue
    if (kind === 'missing') missing.set(tag, (missing.get(tag) ?? 0) + 1)
    if (kind === 'gone' || missing.get(tag) === FILES) lagging.add(tag)
  }
  return lagging
}

function problemsOf(
  repo: Repo,
  made: readonly MadeFile[],
  optional: ReadonlyMap<string, string>,
  lagging: ReadonlySet<string>,
): Disagreement[] {
  return made.flatMap(({ path, problems, error }) =>
    problems.flatMap(({ kind, release, message }): Disagreement[] => {
      if (kind !== 'wrong' && lagging.has(optional.get(release ?? '') ?? '')) return []
      const hint = error?.hint ?? (kind === 'gone' && release !== undefined ? ifUnsent(repo, release) : undefined)
      return [{ path, message, ...(release !== undefined && { release }), ...(hint !== undefined && { hint }) }]
    }),
  )
}

/** Whoever released it may have sent the branch alone. */
function ifUnsent(repo: Repo, release: string): string {
  return `Run \`${tagsFetch(repo)}\`; if ${release} stays unknown, whoever released it has not pushed its tag. \`art models --fix\` takes it out of the files.`
}

/** The tags that HEAD reaches, and when HEAD was committed, in milliseconds since 1970. */
async function fromHead(repo: Repo, signal: AbortSignal | undefined): Promise<{ reached: Set<string>; date: number }> {
  const merged = await runGit(repo, ['for-each-ref', '--merged=HEAD', '--format=%(refname:lstrip=2)', 'refs/tags/'], {
    signal,
  })
  const { stdout } = await runGit(repo, ['show', '-s', '--format=%ct', 'HEAD'], { signal })
  return {
    reached: new Set(merged.stdout.toString('utf8').split('\n')),
    date: Number(stdout.toString('latin1')) * 1000,
  }
}
