import type { PullOptions, PullResult } from '../api.ts'
import { fetchWanted } from '../exchange/transfer.ts'
import { wantedTargets } from '../exchange/wanted.ts'
import type { Repo } from '../open.ts'
import { checkoutTargets } from '../workspace/checkout-targets.ts'
import { withLock } from '../workspace/lock.ts'
import { withSession } from '../workspace/session.ts'

/** Fetches, then brings the workspace along. What could not be fetched is named; the rest is checked out all the same. */
export async function pull(repo: Repo, names: readonly string[], options: PullOptions = {}): Promise<PullResult> {
  const wanted = await wantedTargets(repo, names, options, { parts: true })
  return await withLock(repo, () =>
    withSession(repo, options, async (session) => {
      const fetched = await fetchWanted(session, wanted, options)
      const checkout = await checkoutTargets(session, names, options)
      // What the remote lacks is missing in the checkout too: one line for it is enough.
      const named = new Set(fetched.failed.map(({ path }) => path))
      checkout.failed = checkout.failed.filter(({ path, code }) => code !== 'NOT_CACHED' || !isNamed(path, named))
      return { ...fetched, checkout }
    }),
  )
}

function isNamed(path: string, named: ReadonlySet<string>): boolean {
  return [...named].some((one) => one === path || one.startsWith(`${path}/`) || path.endsWith(`/${one}`))
}
