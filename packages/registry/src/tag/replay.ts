import { partitionPoint } from '@art/core/partition-point.ts'
import { compareVersions, type Version } from '../version/version.ts'
import type { Assignment, LedgerEvent, ModelLedger, Release } from './ledger.ts'
import { parseTagMessage } from './message.ts'
import { eventsUntil } from './order.ts'
import type { Tag } from './tag.ts'

/** How things stand after some events of a model. */
export interface Standing {
  readonly releases: ReadonlyMap<Version, Release>
  /** By stage, the last one last; each version once. */
  assignments(): Map<string, Assignment[]>
  /** The last assignment of a stage that stands. */
  holder(stage: string): Assignment | undefined
  /** Which version a stage's tag is about, whether it stands or not; undefined where none is registered on its commit. */
  versionOf(tag: Tag): Version | undefined
}

interface Entry {
  tag: Tag
  /** The version that its message names, where more than one was ever registered on its commit. */
  told: Version | undefined
}

/** Follows the events up to a time; `each` sees how things stood before and after every one of them. */
export function replay(
  { model, events }: ModelLedger,
  at = Number.POSITIVE_INFINITY,
  each?: (event: LedgerEvent, apply: () => void, standing: Standing) => void,
): Standing {
  const past = eventsUntil(events, at)
  const crowded = crowdedCommits(past)
  const releases = new Map<Version, Release>()
  /** Every version that was registered on a commit so far, whether it stands or not; the oldest version first. */
  const registered = new Map<string, Version[]>()
  /** By stage; in order of assignment. */
  const stages = new Map<string, Map<string, Entry>>()
  /** By stage: its last entry, where none was taken back since. */
  const newest = new Map<string, Entry>()

  /** The oldest version first. */
  const registeredFor = ({ tag, told }: Entry): readonly Version[] => {
    const known = registered.get(tag.commit) ?? []
    return told !== undefined && known.includes(told) ? [told] : known
  }
  const tells = (tag: Tag): Version | undefined =>
    crowded.has(tag.commit) ? parseTagMessage(tag.message)?.version : undefined
  const resolve = (stage: string, entry: Entry): Assignment | undefined => {
    const { tag } = entry
    const among = registeredFor(entry)
    const assignment = { model, stage, commit: tag.commit, tag }
    if (among.length === 0) return { ...assignment, version: undefined }
    const version = among.findLast((one) => releases.get(one)?.commit === tag.commit)
    return version === undefined ? undefined : { ...assignment, version }
  }
  const apply = ({ word, tag }: LedgerEvent): void => {
    if (word.kind === 'version') {
      if (word.undone) releases.delete(word.version)
      else {
        releases.set(word.version, { model, version: word.version, commit: tag.commit, tag })
        const known = registered.get(tag.commit) ?? []
        registered.set(tag.commit, known)
        if (!known.includes(word.version)) known.splice(placeOf(word.version, known), 0, word.version)
      }
    } else if (word.kind === 'stage') {
      const entries = stages.get(word.stage) ?? new Map<string, Entry>()
      stages.set(word.stage, entries)
      const told = tells(tag)
      const key = told === undefined ? tag.commit : `${tag.commit} ${told}`
      entries.delete(key)
      newest.delete(word.stage)
      if (!word.undone) {
        const entry = { tag, told }
        entries.set(key, entry)
        newest.set(word.stage, entry)
      }
      // What names no version is about whatever is on that commit.
      else if (told !== undefined) entries.delete(tag.commit)
      else if (crowded.has(tag.commit))
        for (const other of entries.keys()) if (other.startsWith(`${tag.commit} `)) entries.delete(other)
    }
  }
  const standing: Standing = {
    releases,
    assignments: () => new Map([...stages].map(([stage, entries]) => [stage, standingOf(stage, entries, resolve)])),
    holder: (stage) => {
      // Asked for at every event: all entries are gone through only where the last one does not stand.
      const last = newest.get(stage)
      const held = last && resolve(stage, last)
      if (held !== undefined) return held
      for (const entry of [...(stages.get(stage)?.values() ?? [])].reverse()) {
        const found = resolve(stage, entry)
        if (found !== undefined) return found
      }
      return undefined
    },
    versionOf: (tag) => {
      const entry = { tag, told: tells(tag) }
      return resolve('', entry)?.version ?? registeredFor(entry).at(-1)
    },
  }
  for (const event of past) {
    if (each === undefined) apply(event)
    else each(event, () => apply(event), standing)
  }
  return standing
}

/** Behind the versions of a list in order that are not higher. */
function placeOf(version: Version, among: readonly Version[]): number {
  return partitionPoint(among.length, (at) => compareVersions(among[at]!, version) <= 0)
}

/** One version may stand there twice, by a tag that names it and by one that names only its commit: the later one counts. */
function standingOf(
  stage: string,
  entries: ReadonlyMap<string, Entry>,
  resolve: (stage: string, entry: Entry) => Assignment | undefined,
): Assignment[] {
  const byVersion = new Map<string, Assignment>()
  for (const entry of entries.values()) {
    const found = resolve(stage, entry)
    if (found === undefined) continue
    const key = `${found.commit} ${found.version ?? ''}`
    byVersion.delete(key)
    byVersion.set(key, found)
  }
  return [...byVersion.values()]
}

/** Commits on which more than one version is registered: GTO refuses them, art says in its tags which one is meant. */
function crowdedCommits(events: readonly LedgerEvent[]): Set<string> {
  const versions = new Map<string, Version>()
  const crowded = new Set<string>()
  for (const { word, tag } of events) {
    if (word.kind !== 'version' || word.undone) continue
    if ((versions.get(tag.commit) ?? word.version) !== word.version) crowded.add(tag.commit)
    versions.set(tag.commit, word.version)
  }
  return crowded
}
