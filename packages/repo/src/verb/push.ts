import type { Pointer } from '@art/core/pointer/pointer.ts'
import { targetKey } from '@art/remote/transfer/target.ts'
import type { TransferOptions, TransferResult } from '../api.ts'
import { pushWanted } from '../exchange/transfer.ts'
import { targetOf, type Wanted, wantedTargets } from '../exchange/wanted.ts'
import type { Repo } from '../open.ts'
import { typedPath } from '../target/path.ts'
import { driftOf } from '../workspace/drift.ts'
import { type Session, withSession } from '../workspace/session.ts'

/** Sends artifacts to a remote. Returned without `failed`, another machine can rebuild every byte from git and the remote. */
export async function push(
  repo: Repo,
  names: readonly string[],
  options: TransferOptions = {},
): Promise<TransferResult> {
  const wanted = await wantedTargets(repo, names, options)
  return await withSession(repo, options, async (session) => {
    await warnOfDrift(session, wanted, options)
    return await pushWanted(session, wanted, options)
  })
}

const MOST_WARNINGS = 10

/** Only what pointers name travels: who trained again and forgot `art add` should hear of it. */
async function warnOfDrift(session: Session, { artifacts = [] }: Wanted, { onEvent }: TransferOptions): Promise<void> {
  if (onEvent === undefined) return
  let warnings = 0
  for (const artifact of artifacts) {
    const drift = await driftOf(session, artifact)
    if (drift === undefined || ++warnings > MOST_WARNINGS) continue
    const path = typedPath(session.repo, artifact.path)
    const what = drift === 'differs' ? 'differs from its pointer' : 'was written to since its pointer'
    onEvent({ type: 'warning', message: `${path} ${what}: \`art add\` it first to push the new version`, path })
  }
  if (warnings > MOST_WARNINGS)
    onEvent({
      type: 'warning',
      message: `${warnings - MOST_WARNINGS} more changed since their pointers: see \`art status\``,
    })
}

/** Sends exactly what these pointers name, for these commits: what a `git push` is about to make others need. */
export async function pushLeaving(
  repo: Repo,
  { pointers, commits }: { pointers: { path: string; pointer: Pointer }[]; commits: string[] },
  options: TransferOptions = {},
): Promise<TransferResult> {
  const targets = pointers.map(({ path, pointer }) => targetOf(pointer, path))
  const distinct = [...new Map(targets.map((target) => [targetKey(target), target])).values()]
  const wanted: Wanted = { targets: distinct, commits, failed: [] }
  return await withSession(repo, options, (session) => pushWanted(session, wanted, options))
}
