import type { Failure, PullOptions, PullResult } from '../api.ts'
import { fetchWanted } from '../exchange/transfer.ts'
import { asksForRevisions, ofWorkspace, wantedTargets } from '../exchange/wanted.ts'
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
      if (asksForRevisions(options)) {
        const here = ofWorkspace(options)
        const current = await fetchWanted(session, await wantedTargets(repo, names, here, { parts: true }), here)
        fetched.failed.push(...current.failed)
      }
      const checkout = await checkoutTargets(session, names, options)
      // One line for each thing: what the remote lacks is missing in the checkout too, and what is only previewed is not here yet.
      const named = new Set([...fetched.failed, ...(fetched.would ?? [])].map(({ path }) => path))
      checkout.failed = checkout.failed.filter(
        ({ path, code }) => !isNamed(path, named) || (code !== 'NOT_CACHED' && !isSame(path, code, fetched.failed)),
      )
      return { ...fetched, checkout }
    }),
  )
}

function isSame(path: string, code: string, failed: readonly Failure[]): boolean {
  return failed.some((one) => one.path === path && one.code === code)
}

function isNamed(path: string, named: ReadonlySet<string>): boolean {
  return [...named].some((one) => one === path || one.startsWith(`${path}/`) || path.endsWith(`/${one}`))
}
