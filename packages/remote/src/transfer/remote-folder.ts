import { fromHex, toHex } from '@art/core'
import { members, walkTree } from '@art/core/index/from-tree.ts'
import { flag } from '@art/core/index/record.ts'
import { childPath } from '@art/core/index/section.ts'
import { openRemoteFile, type RemoteFile, type RemoteFileContext } from './remote-file.ts'
import { inconsistent } from './sequence.ts'
import type { Target } from './target.ts'

/** A file of a directory. */
export interface RemoteMember {
  /** Within the directory, `/`-separated. */
  readonly path: string
  readonly oid: string
  readonly size: number
  /** Where it begins in the directory's stream. */
  readonly offset: number
}

/** A directory of a remote, read without fetching more than is asked for. */
export interface RemoteFolder {
  /** Its files, without links, by their paths. */
  readonly members: ReadonlyMap<string, RemoteMember>
  /** The directory's stream: nodes, then the files in the order of their paths. */
  readonly stream: RemoteFile
}

/**
 * Opens a directory of a remote, and reads its tree: each node is checked against its oid. Nothing is kept of it. Fails as `openRemoteFile`, with
 * `REMOTE_DAMAGED` where stream and tree do not fit, and with `CORRUPT` for a tree that is not what it says.
 */
export async function openRemoteFolder(target: Target, context: RemoteFileContext): Promise<RemoteFolder> {
  const stream = await openRemoteFile({ ...target, kind: 'd' }, context)
  try {
    const walk = walkTree(fromHex(target.oid), { files: target.files })
    let at = 0
    let step = walk.next()
    while (!step.done) {
      context.signal?.throwIfAborted()
      if (at >= stream.size) throw inconsistent(target)
      const node = await stream.chunkAt(at)
      at += node.length
      step = walk.next(node)
    }
    const found = new Map<string, RemoteMember>()
    for (const { section, i } of members(step.value)) {
      const { records } = section
      const size = records.size(i)
      const path = childPath(section.path, section.names[i]!)
      const isLink = (records.flags(i) & flag.kindMask) === flag.symlink
      if (!isLink) found.set(path, { path, oid: toHex(records.oid(i)), size, offset: at })
      at += size
    }
    if (at !== stream.size) throw inconsistent(target)
    return { members: found, stream }
  } catch (error) {
    await stream.close()
    throw error
  }
}
