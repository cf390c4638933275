import { lstatSync } from 'node:fs'
import { cacheUsage } from '@art/core/usage/cache-usage.ts'
import { remoteUsage } from '@art/remote/transfer/usage.ts'
import { fromSystemError } from '@art/core'
import { withRemote } from '../exchange/open-store.ts'
import { callOptions } from '../exchange/transfer.ts'
import type { PruneOptions, PruneResult } from '../cleaning-api.ts'
import type { Artifact } from '../target/find.ts'
import type { Session } from '../workspace/session.ts'

/** What is freed when these go: in the workspace at once, in the cache and on the remote by `gc`, as far as no other pointer of the workspace needs it. */
export async function prunedBytes(
  session: Session,
  gone: readonly Artifact[],
  others: readonly Artifact[],
  options: PruneOptions,
): Promise<Pick<PruneResult, 'bytes' | 'remote'>> {
  const groups = [gone, others].map((some) =>
    some.map(({ path, pointer: { kind, oid, size, files } }) => ({ path, kind, oid, size, files })),
  )
  const workspace = gone.reduce((sum, artifact) => sum + bytesInWorkspace(artifact), 0)
  const cache = cacheUsage(session.cache, groups, options).groups[0]!.unique
  const there = await remoteShare(session, groups, options)
  return {
    bytes: { workspace, cache, remote: there?.unique ?? null },
    ...(there === undefined ? {} : { remote: there.name }),
  }
}

/** A link into the cache takes nothing of its own. */
function bytesInWorkspace({ absolutePath, pointer: { size } }: Artifact): number {
  const stat = lstatSync(absolutePath, { throwIfNoEntry: false })
  if (stat === undefined || stat.isSymbolicLink() || (stat.isFile() && stat.nlink > 1)) return 0
  return size
}

type Groups = Parameters<typeof remoteUsage>[0]

/** A remote that cannot be asked is no reason not to go on. */
async function remoteShare(
  session: Session,
  groups: Groups,
  options: PruneOptions,
): Promise<{ name: string; unique: number } | undefined> {
  const { repo, cache } = session
  const { cloud, remote } = options
  if (cloud === false || groups[0]!.length === 0) return undefined
  if (remote === undefined && repo.config.defaultRemote() === undefined) return undefined
  try {
    return await withRemote(repo, { remote }, 'read', async ({ store, settings: { name } }) => {
      const { groups: shares } = await remoteUsage(groups, { ...callOptions(options), store, cache })
      return { name, unique: shares[0]!.unique }
    })
  } catch (error) {
    options.signal?.throwIfAborted()
    const { message, path, code } = fromSystemError(error)
    if (code === 'REMOTE_UNKNOWN') throw error
    const about = path === undefined ? {} : { path }
    options.onEvent?.({ type: 'warning', message: `what the remote would free is not known: ${message}`, ...about })
    return undefined
  }
}
