import { compareVersions, isPrerelease, type Version } from '../version/version.ts'
import { eventsUntil, inOrder } from './order.ts'
import { replay } from './replay.ts'
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
  /** Of the commit that the tag is of; undefined where none was ever registered there. */
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
  /** The highest counter of its tags that are no events. */
  passedCounter?: number
}

export type Ledger = ReadonlyMap<string, ModelLedger>

/**
 * Sorts what tags say by model. `parse` tells what a tag's name says, undefined for tags of something else. A lightweight tag tells neither when nor
 * by whom, so it can give no stage; GTO does not read it either, but counts it.
 */
export function readLedger(tags: readonly Tag[], parse: (tag: string) => TagWord | undefined): Ledger {
  const found = new Map<string, { events: LedgerEvent[]; passedCounter?: number }>()
  for (const tag of tags) {
    const word = parse(tag.name)
    if (word === undefined) continue
    const known = found.get(word.model) ?? { events: [] }
    found.set(word.model, known)
    if (tag.annotated || word.kind === 'version') known.events.push({ word, tag })
    else known.passedCounter = Math.max(known.passedCounter ?? 0, word.counter ?? 0)
  }
  const ledger = new Map<string, ModelLedger>()
  for (const model of [...found.keys()].sort()) {
    const { events, ...passed } = found.get(model)!
    ledger.set(model, { model, events: inOrder(events), ...passed })
  }
  return ledger
}

/** A ledger with more tags in it, such as those that are about to be made. */
export function withTags(ledger: Ledger, tags: readonly Tag[], parse: (tag: string) => TagWord | undefined): Ledger {
  const whole = new Map(ledger)
  for (const [model, added] of readLedger(tags, parse)) {
    const { events, passedCounter } = ledger.get(model) ?? { events: [] }
    const passed = Math.max(passedCounter ?? 0, added.passedCounter ?? 0)
    whole.set(model, {
      model,
      events: inOrder([...events, ...added.events]),
      ...((passedCounter ?? added.passedCounter) !== undefined && { passedCounter: passed }),
    })
  }
  return new Map([...whole].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Versions that stand, or stood at a time (milliseconds since 1970), the oldest version first. */
export function releasesOf(ledger: ModelLedger, at = Number.POSITIVE_INFINITY): Release[] {
  const { releases } = replay(ledger, at)
  return [...releases.values()].sort((a, b) => compareVersions(a.version, b.version))
}

/** The highest version; a pre-release only where there is nothing else. */
export function greatest(releases: readonly Release[]): Release | undefined {
  return releases.findLast(({ version }) => !isPrerelease(version)) ?? releases.at(-1)
}

/**
 * Who holds each stage, or held it at a time: the last assignment that was not taken back, of a version that stands. As in GTO, taking it back from
 * the last one gives the stage to the one before, if that still stands.
 */
export function stagesOf(ledger: ModelLedger, at = Number.POSITIVE_INFINITY): Map<string, Assignment> {
  const holders = new Map<string, Assignment>()
  for (const [stage, assignments] of assignmentsOf(ledger, at)) {
    const last = assignments.at(-1)
    if (last !== undefined) holders.set(stage, last)
  }
  return holders
}

/** Every assignment that stands, by stage, the last one last; each version once. */
export function assignmentsOf(ledger: ModelLedger, at = Number.POSITIVE_INFINITY): Map<string, Assignment[]> {
  return replay(ledger, at).assignments()
}

/** The tag that says that the model is no longer to be used, where nothing was said of it since. */
export function deprecationOf({ events }: ModelLedger, at = Number.POSITIVE_INFINITY): Tag | undefined {
  const last = eventsUntil(events, at).at(-1)
  return last?.word.kind === 'deprecated' ? last.tag : undefined
}

/** The number of the next counted tag of a model: one more than any that was. */
export function nextCounter({ events, passedCounter = 0 }: ModelLedger): number {
  return events.reduce((most, { word }) => Math.max(most, word.counter ?? 0), passedCounter) + 1
}
