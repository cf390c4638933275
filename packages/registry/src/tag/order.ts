import type { LedgerEvent } from './ledger.ts'

/** Counters are right whatever a clock said; what has none stands where its date puts it. */
export function inOrder(events: readonly LedgerEvent[]): LedgerEvent[] {
  const counted = events.filter(({ word }) => word.counter !== undefined)
  counted.sort((a, b) => a.word.counter! - b.word.counter! || byDate(a, b))
  const others = events.filter(({ word }) => word.counter === undefined).sort(byDate)
  const ordered: LedgerEvent[] = []
  let next = 0
  for (const event of counted) {
    while (next < others.length && byDate(others[next]!, event) <= 0) ordered.push(others[next++]!)
    ordered.push(event)
  }
  return [...ordered, ...others.slice(next)]
}

/** A version is registered before anything else that happens in the same second. */
function byDate(a: LedgerEvent, b: LedgerEvent): number {
  const rank = ({ word }: LedgerEvent): number => (word.kind === 'version' ? 0 : 1)
  return a.tag.date - b.tag.date || rank(a) - rank(b) || (a.tag.name < b.tag.name ? -1 : 1)
}

/** What had happened at a time: later tags say nothing of how things stood, nor of the order in which they came to. */
export function eventsUntil(events: readonly LedgerEvent[], at: number): readonly LedgerEvent[] {
  return at === Number.POSITIVE_INFINITY ? events : inOrder(events.filter(({ tag }) => tag.date <= at))
}
