import { compareVersions, isPrerelease, type Version } from '../version/version.ts'
import { parseTagMessage } from './message.ts'
import type { Tag, TagWord } from './tag.ts'

/** A version of a model: a tag that registers it. */
export interface Release {
  model: string
  version: Version
  commit: string
  tag: Tag
}

/** A version that got a stage. */
export interface Assignment {
  model: string
  stage: string
  /** Of the commit that the tag is of; undefined where no version is registered there. */
  version: Version | undefined
  commit: string
  tag: Tag
}

/** One thing that happened to a model, in the order in which it did. */
export interface LedgerEvent {
  word: TagWord
  tag: Tag
}

/** What the tags of a repository say of one model. */
export interface ModelLedger {
  model: string
  /** The oldest first. */
  events: readonly LedgerEvent[]
}

export type Ledger = ReadonlyMap<string, ModelLedger>

/** Sorts what tags say by model. `parse` tells what a tag's name says, undefined for tags of something else. */
export function readLedger(tags: readonly Tag[], parse: (tag: string) => TagWord | undefined): Ledger {
  const events = new Map<string, LedgerEvent[]>()
  for (const tag of tags) {
    const word = parse(tag.name)
    if (word === undefined) continue
    const known = events.get(word.model)
    if (known === undefined) events.set(word.model, [{ word, tag }])
    else known.push({ word, tag })
  }
  const ledger = new Map<string, ModelLedger>()
  for (const model of [...events.keys()].sort()) ledger.set(model, { model, events: inOrder(events.get(model)!) })
  return ledger
}

/** Counters are right whatever a clock said; what has none stands where its date puts it. */
function inOrder(events: readonly LedgerEvent[]): LedgerEvent[] {
  const counted = events.filter(({ word }) => word.counter !== undefined)
  counted.sort((a, b) => a.word.counter! - b.word.counter! || byDate(a, b))
  const others = events.filter(({ word }) => word.counter === undefined).sort(byDate)
  const ordered: LedgerEvent[] = []
  for (const event of counted) {
    while (others[0] !== undefined && byDate(others[0], event) <= 0) ordered.push(others.shift()!)
    ordered.push(event)
  }
  return [...ordered, ...others]
}

/** A version is registered before anything else that happens in the same second. */
function byDate(a: LedgerEvent, b: LedgerEvent): number {
  const rank = ({ word }: LedgerEvent): number => (word.kind === 'version' ? 0 : 1)
  return a.tag.date - b.tag.date || rank(a) - rank(b) || (a.tag.name < b.tag.name ? -1 : 1)
}

/** Versions that stand, or stood at a time (milliseconds since 1970), the oldest version first. */
export function releasesOf({ model, events }: ModelLedger, at = Number.POSITIVE_INFINITY): Release[] {
  const releases = new Map<Version, Release>()
  for (const { word, tag } of events) {
    if (word.kind !== 'version' || tag.date > at) continue
    if (word.undone) releases.delete(word.version)
    else releases.set(word.version, { model, version: word.version, commit: tag.commit, tag })
  }
  return [...releases.values()].sort((a, b) => compareVersions(a.version, b.version))
}

/** The highest version; a pre-release only where there is nothing else. */
export function greatest(releases: readonly Release[]): Release | undefined {
  return releases.findLast(({ version }) => !isPrerelease(version)) ?? releases.at(-1)
}

/**
 * Who holds each stage, or held it at a time: the last assignment that was not taken back. As in GTO, taking it back from the last one gives the
 * stage to the one before, if that still stands.
 */
export function stagesOf(ledger: ModelLedger, at = Number.POSITIVE_INFINITY): Map<string, Assignment> {
  const holders = new Map<string, Assignment>()
  for (const [stage, assignments] of assignmentsOf(ledger, at)) {
    const last = assignments.at(-1)
    if (last !== undefined) holders.set(stage, last)
  }
  return holders
}

/** Every assignment that stands, by stage, the last one last; each commit once. */
export function assignmentsOf(ledger: ModelLedger, at = Number.POSITIVE_INFINITY): Map<string, Assignment[]> {
  const releases = releasesOf(ledger, at)
  const stages = new Map<string, Assignment[]>()
  for (const { word, tag } of ledger.events) {
    if (word.kind !== 'stage' || tag.date > at) continue
    const others = (stages.get(word.stage) ?? []).filter(({ commit }) => commit !== tag.commit)
    const there = releases.filter(({ commit }) => commit === tag.commit)
    const told = there.length > 1 ? parseTagMessage(tag.message)?.version : undefined
    const version = (there.find((release) => release.version === told) ?? there.at(-1))?.version
    const assigned = { model: word.model, stage: word.stage, version, commit: tag.commit, tag }
    stages.set(word.stage, word.undone ? others : [...others, assigned])
  }
  return stages
}

/** The number of the next counted tag of a model: one more than any that was. */
export function nextCounter({ events }: ModelLedger): number {
  return events.reduce((most, { word }) => Math.max(most, word.counter ?? 0), 0) + 1
}
