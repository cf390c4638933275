import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { CallOptions } from '@art/core'
import { LARGE_FILE } from '@art/core/cache/layout.ts'
import { checkoutFile } from '@art/core/checkout/file.ts'
import { Linker } from '@art/core/link/link.ts'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import type { Session } from './session.ts'

/** With hard or symbolic links asked for, a file that was just cached is replaced by a link to its object. */
export function relinkFile(
  session: Pick<Session, 'repo' | 'cache' | 'files'>,
  path: string,
  pointer: Pointer,
  { onEvent }: CallOptions,
): void {
  const { repo, cache } = session
  const types = repo.config.get('cache.type')
  if ((types[0] !== 'hardlink' && types[0] !== 'symlink') || pointer.size < LARGE_FILE) return
  const absolute = join(repo.root, path)
  const stat = lstatSync(absolute)
  const known = session.files.get(path)
  if (!stat.isFile() || stat.nlink > 1 || known === undefined || !known.records.sameStat(known.i, stat)) return
  const linker = new Linker(types)
  checkoutFile(
    absolute,
    { oid: pointer.oid, size: pointer.size, executable: pointer.executable ?? false },
    { cache, linker, temporary: repo.tmpDir },
  )
  for (const type of linker.refused) {
    onEvent?.({ type: 'warning', message: `this file system allows no ${type} here; the file was copied`, path })
  }
}
