import type { Pointer } from '@art/core/pointer/pointer.ts'
import type { TransferOptions, TransferResult } from '../api.ts'
import { pushWanted } from '../exchange/transfer.ts'
import { targetOf, type Wanted, wantedTargets } from '../exchange/wanted.ts'
import type { Repo } from '../open.ts'
import { withSession } from '../workspace/session.ts'

/** Sends artifacts to a remote. Returned without `failed`, another machine can rebuild every byte from git and the remote. */
export async function push(
  repo: Repo,
  names: readonly string[],
  options: TransferOptions = {},
): Promise<TransferResult> {
  const wanted = await wantedTargets(repo, names, options)
  return await withSession(repo, options, (session) => pushWanted(session, wanted, options))
}

/** Sends exactly what these pointers name, for these commits: what a `git push` is about to make others need. */
export async function pushLeaving(
  repo: Repo,
  { pointers, commits }: { pointers: { path: string; pointer: Pointer }[]; commits: string[] },
  options: TransferOptions = {},
): Promise<TransferResult> {
  const targets = pointers.map(({ path, pointer }) => targetOf(pointer, path))
  const distinct = [...new Map(targets.map((target) => [`${target.kind}-${target.oid}`, target])).values()]
  const wanted: Wanted = { targets: distinct, commits, failed: [] }
  return await withSession(repo, options, (session) => pushWanted(session, wanted, options))
}
