import { lstatSync } from 'node:fs'
import { basename, join } from 'node:path'
import { toHex } from '@art/core'
import { LARGE_FILE } from '@art/core/cache/layout.ts'
import { flag } from '@art/core/index/record.ts'
import { loadIndex } from '@art/core/index/store.ts'
import { directoryState } from './directory-state.ts'
import { directoryIndexPath } from './index-path.ts'
import type { Session } from './session.ts'

/** Is a file as art left it, by its stat alone, and in the cache? */
export function isUntouchedFile({ repo, files, cache }: Session, path: string): boolean {
  const stat = lstatSync(join(repo.root, path), { throwIfNoEntry: false })
  const known = files.get(path)
  if (stat === undefined || known === undefined || !stat.isFile()) return false
  const { records, i } = known
  if ((records.flags(i) & (flag.stat | flag.racy)) !== flag.stat || !records.sameStat(i, stat)) return false
  const oid = records.oid(i)
  return stat.size < LARGE_FILE ? cache.packs.has(oid) : cache.largeSize(toHex(oid)) === stat.size
}

/** Is a directory what art last knew it to be, whatever a pointer says now, and in the cache? */
export async function isUntouchedDirectory(session: Session, path: string): Promise<boolean> {
  const { repo, files, cache, pool, trustedBefore, options } = session
  const index = files.isDirectory(path) ? loadIndex(directoryIndexPath(repo, path)) : undefined
  if (index === undefined) return false
  const { root, bytes, files: count } = index.decoded
  const artifact = {
    path,
    absolutePath: join(repo.root, path),
    pointer: { path: basename(path), kind: 'd' as const, oid: toHex(root), size: bytes, files: count },
  }
  const found = await directoryState(repo, artifact, { signal: options.signal, cache, pool, trustedBefore })
  return found.state === 'ok' && !found.uncached && found.failures.length === 0
}
