import type { ModelLedger } from '@art/registry/tag/ledger.ts'
import { identity, readIdentity } from '../git/line.ts'
import type { Repo } from '../open.ts'

/** When and by whom something is made. */
export interface Moment {
  /** Milliseconds since 1970; whole seconds. */
  date: number
  /** `Name <mail>`. */
  author: string
  /** As git writes it: seconds since 1970 and a zone. */
  stamp: string
}

/** A clock that is further behind than this is wrong, and going by it would be no better. */
const SKEW_MAX_MS = 10 * 60_000

/**
 * Now, but later than anything that was said of the model: GTO goes by dates, and would not know which of two tags of one second is the later one. All
 * that is made in this moment has one date, so that no tag is newer than the commit that tells of it. Fails with `GIT` where git does not know who
 * the user is.
 */
export async function momentAfter(repo: Repo, { events }: ModelLedger): Promise<Moment> {
  const told = readIdentity(await identity(repo, 'COMMITTER'))
  const { author, seconds, zone } = told ?? { author: '', seconds: 0, zone: '+0000' }
  const now = seconds * 1000
  const last = events.reduce((latest, { tag }) => Math.max(latest, tag.date), 0)
  const date = last >= now && last - now < SKEW_MAX_MS ? last + 1000 : now
  return { date, author, stamp: `${date / 1000} ${zone}` }
}
