import type { CheckoutOptions, CheckoutResult } from '../api.ts'
import type { Repo } from '../open.ts'
import { checkoutTargets } from '../workspace/checkout-targets.ts'
import { withLock } from '../workspace/lock.ts'
import { withSession } from '../workspace/session.ts'

/**
 * Makes the workspace hold what the pointers name. Content that is in no cache is never destroyed without `force`: such a path is
 * refused as it stands, and the others go on.
 */
export async function checkout(
  repo: Repo,
  names: readonly string[],
  options: CheckoutOptions = {},
): Promise<CheckoutResult> {
  return await withLock(repo, () => withSession(repo, options, (session) => checkoutTargets(session, names, options)))
}
