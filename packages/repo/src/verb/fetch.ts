import type { TransferOptions, TransferResult } from '../api.ts'
import { fetchWanted } from '../exchange/transfer.ts'
import { wantedTargets } from '../exchange/wanted.ts'
import type { Repo } from '../open.ts'
import { withSession } from '../workspace/session.ts'

/** Brings artifacts from a remote into the cache. The remote is only read. */
export async function fetch(
  repo: Repo,
  names: readonly string[],
  options: TransferOptions = {},
): Promise<TransferResult> {
  const wanted = await wantedTargets(repo, names, options, { parts: true })
  return await withSession(repo, options, (session) => fetchWanted(session, wanted, options))
}
