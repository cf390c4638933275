import type { CallOptions } from '@art/core'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import { BLOCK_KEYS } from '@art/checkpoint/facts/bounds.ts'
import { present } from '@art/checkpoint/present.ts'
import { formatMoment } from '@art/registry/time/moment.ts'
import { metricsIn } from '@art/registry/files/metrics-file.ts'
import type { MetricValue, ReleaseRecord } from '@art/registry/files/record.ts'
import { isDeprecated, statusOf } from '@art/registry/files/status.ts'
import { MODELS_FILE, type ModelEntry } from '@art/registry/models-file/models-file.ts'
import { type Release, releasesOf, stagesOf } from '@art/registry/tag/ledger.ts'
import { parseTagMessage, type TagFacts } from '@art/registry/tag/message.ts'
import { type FileAt, filesAt } from '../git/files-at.ts'
import type { Repo } from '../open.ts'
import { decidingOf } from './deciding.ts'
import { ARTIFACT_FILES, entriesReader } from './entry-at.ts'
import type { Registry } from './open.ts'
import { type ReadPointer, readPointer } from './pointer-facts.ts'
import { LAST_SECOND } from './tags.ts'

export interface RecordsOptions extends CallOptions {
  /** Only of this model. */
  model?: string
  /** As it was at a time, in milliseconds since 1970. */
  at?: number
}

/** A release that cannot be described: neither its tag nor the tree of its commit says what data it is of. */
export interface Undescribed {
  model: string
  version: string
  tag: string
}

/**
 * Every release of the ledger that can be described, by model, the oldest version first. Takes a handful of git processes however many releases
 * there are. Fails with `GIT`.
 */
export async function records(repo: Repo, registry: Registry, options: RecordsOptions = {}): Promise<ReleaseRecord[]> {
  return (await describeReleases(repo, registry, options)).records
}

/** With those that were left out. Fails as `records`. */
export async function describeReleases(
  repo: Repo,
  registry: Registry,
  { model, at = Number.POSITIVE_INFINITY, signal }: RecordsOptions = {},
): Promise<{ records: ReleaseRecord[]; undescribed: Undescribed[] }> {
  const ledgers = [...registry.ledger.values()].filter((ledger) => model === undefined || ledger.model === model)
  const releases = ledgers.flatMap((ledger) => releasesOf(ledger, at))
  return describe(await draftReleases(repo, registry, releases, signal), registry, at)
}

/** How releases stand by a ledger, which may be a part of the one that they come from. Those that are not in it are left out. */
export function describe(
  drafts: readonly Draft[],
  registry: Pick<Registry, 'ledger' | 'models'>,
  at = Number.POSITIVE_INFINITY,
): { records: ReleaseRecord[]; undescribed: Undescribed[] } {
  const standing = standingOf(registry, at)
  const made: ReleaseRecord[] = []
  const undescribed: Undescribed[] = []
  for (const draft of drafts) {
    const stands = standing(draft.release)
    if (stands === undefined) continue
    const record = recordOf(draft, stands)
    if (record !== undefined) made.push(record)
    else undescribed.push({ model: draft.release.model, version: draft.release.version, tag: draft.release.tag.name })
  }
  return { records: made, undescribed }
}

/** Records as another ledger has them stand; one that it does not know is as it was released. */
export function standingAgain(
  all: readonly ReleaseRecord[],
  registry: Pick<Registry, 'ledger' | 'models'>,
): ReleaseRecord[] {
  const standing = standingOf(registry, Number.POSITIVE_INFINITY)
  return all.map((record) => {
    const stands = standing(record) ?? { stages: [], archived: false, deprecated: false }
    return { ...record, stages: stands.stages, status: statusOf(stands) }
  })
}

/** What the tree of its commit has of a release. */
export interface Draft {
  release: Release
  told: TagFacts
  entry: ModelEntry | undefined
  path: string | undefined
  pointer: ReadPointer | undefined
  metrics: string | undefined
}

/** Reads the trees of the commits of releases. Fails with `GIT`. */
export async function draftReleases(
  repo: Repo,
  registry: Registry,
  releases: readonly Release[],
  signal: AbortSignal | undefined,
): Promise<Draft[]> {
  const commits = [...new Set(releases.map(({ commit }) => commit))]
  const names = [MODELS_FILE, ...ARTIFACT_FILES]
  const texts = await filesAt(
    repo,
    commits.flatMap((commit) => names.map((path) => ({ commit, path }))),
    { signal },
  )
  const entryAt = entriesReader(
    new Map(commits.map((commit, at) => [commit, texts.slice(at * names.length, (at + 1) * names.length)])),
  )
  const started = await Promise.all(
    releases.map(async (release) => {
      const told = parseTagMessage(release.tag.message) ?? {}
      // Tags from before the model was described: what is said of it now is better than nothing.
      const entry = (await entryAt(release)) ?? registry.models.get(release.model)
      return { release, told, entry, path: told.path ?? entry?.path }
    }),
  )
  const wanted = started.flatMap(({ release: { commit }, path, entry }): FileAt[] => [
    { commit, path: pointerPathOr(path) },
    { commit, path: entry?.metrics ?? '\0' },
  ])
  const found = await filesAt(repo, wanted, { signal })
  const read = pointerReader()
  return await Promise.all(
    started.map(async (draft, at): Promise<Draft> => {
      const text = found[2 * at]
      const pointer = text === undefined ? undefined : await read(text, wanted[2 * at]!.path)
      return { ...draft, pointer, metrics: found[2 * at + 1] }
    }),
  )
}

/** No commit has a file with NUL in its name. */
function pointerPathOr(path: string | undefined): string {
  try {
    return path === undefined ? '\0' : pointerPathFor(path)
  } catch {
    return '\0'
  }
}

/** Many releases have the same pointer: each is read once. */
function pointerReader(): typeof readPointer {
  const known = new Map<string, Promise<ReadPointer | undefined>>()
  return (text, path) => {
    const key = `${path}\0${text}`
    const reading = known.get(key) ?? readPointer(text, path)
    known.set(key, reading)
    return reading
  }
}

interface Standing {
  stages: readonly string[]
  archived: boolean
  deprecated: boolean
}

/** How releases stand, by model and version. */
function standingOf(
  { ledger: models, models: described }: Pick<Registry, 'ledger' | 'models'>,
  at: number,
): (release: Pick<Release, 'model' | 'version'>) => Standing | undefined {
  const known = new Map<string, (version: string) => Standing | undefined>()
  for (const [model, ledger] of models) {
    const stages = new Map<string, string[]>()
    const assigned = [...stagesOf(ledger, at).values()].sort((a, b) => a.tag.date - b.tag.date)
    for (const { version, stage } of assigned) {
      if (version === undefined) continue
      stages.set(version, [...(stages.get(version) ?? []), stage])
    }
    const archived = new Set(described.get(model)?.archived)
    const deprecated = isDeprecated(ledger, at)
    const standing = new Set(releasesOf(ledger, at).map(({ version }) => version))
    known.set(model, (version) =>
      standing.has(version)
        ? { stages: stages.get(version) ?? [], archived: archived.has(version), deprecated }
        : undefined,
    )
  }
  return ({ model, version }) => known.get(model)?.(version)
}

function recordOf(
  { release, told, entry, path, pointer, metrics }: Draft,
  { stages, archived, deprecated }: Standing,
): ReleaseRecord | undefined {
  const oid = told.oid ?? pointer?.pointer.oid
  const kind = told.oid === undefined ? pointer?.pointer.kind : told.kind
  const size = told.size ?? pointer?.pointer.size
  if (path === undefined || oid === undefined || kind === undefined || size === undefined) return undefined
  // A pointer of other data tells nothing of this release.
  const own = pointer?.pointer.oid === oid && pointer.pointer.kind === kind ? pointer : undefined
  const facts = own?.facts ?? { metrics: {}, config: {} }
  const { name: _, ...described } = entry ?? { name: release.model, path }
  const ofFile = metrics === undefined ? {} : metricsOf(metrics)
  const all = { ...facts, metrics: { ...facts.metrics, ...ofFile, ...own?.byHand } }
  return present<ReleaseRecord>({
    model: release.model,
    version: release.version,
    tag: release.tag.name,
    created: isoDate(release.tag.date),
    author: release.tag.author,
    commit: told.gitCommit ?? release.commit,
    path,
    oid,
    kind,
    size,
    weights: told.weights ?? own?.weights,
    entry: described,
    facts: all,
    deciding: decidingOf(described, all.metrics),
    status: statusOf({ stages, archived, deprecated }),
    stages,
  })
}

const NAME_MAX = 200

/** Of a metrics file no more than a pointer takes. */
function metricsOf(text: string): Record<string, MetricValue> {
  const named = [...(metricsIn(text)?.found ?? [])].filter(([name]) => name.length <= NAME_MAX && name !== '__proto__')
  return Object.fromEntries(named.slice(0, BLOCK_KEYS))
}

/** git takes dates that no calendar has. */
function isoDate(date: number): string {
  return formatMoment(Math.min(Math.max(date || 0, 0), LAST_SECOND * 1000))
}
