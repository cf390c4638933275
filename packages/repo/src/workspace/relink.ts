import { lstatSync, readlinkSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { type CallOptions, toHex } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { LARGE_FILE, objectPath } from '@art/core/cache/layout.ts'
import { checkoutFile } from '@art/core/checkout/file.ts'
import { flag, type Records } from '@art/core/index/record.ts'
import { childPath, isInside, type Section } from '@art/core/index/section.ts'
import { Linker } from '@art/core/link/link.ts'
import { isHardLinked } from '@art/core/scan/cache-link.ts'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import type { Session } from './session.ts'

type Place = Pick<Session, 'repo' | 'cache'>

/** With hard or symbolic links asked for, a file that was just cached is replaced by a link to its object. */
export function relinkFile(
  { repo, cache, files }: Place & Pick<Session, 'files'>,
  path: string,
  pointer: Pointer,
  options: CallOptions,
): void {
  if (!asksForLinks(repo) || pointer.size < LARGE_FILE) return
  const absolute = join(repo.root, path)
  const stat = lstatSync(absolute)
  const known = files.get(path)
  if (!stat.isFile() || stat.nlink > 1 || known === undefined || !known.records.sameStat(known.i, stat)) return
  const linker = new Linker(repo.config.get('cache.type'))
  const { oid, size, executable = false } = pointer
  checkoutFile(absolute, { oid, size, executable }, { cache, linker, temporary: repo.tmpDir })
  warnRefused(linker, path, options)
}

/** As `relinkFile`, for the large files of a directory. */
export function relinkDirectory(place: Place, path: string, sections: readonly Section[], options: CallOptions): void {
  const { repo } = place
  if (!asksForLinks(repo)) return
  const linker = new Linker(repo.config.get('cache.type'))
  relinkSections(place, join(repo.root, path), sections, linker, { onlyCopies: true })
  warnRefused(linker, path, options)
}

function asksForLinks({ config }: Session['repo']): boolean {
  const [first] = config.get('cache.type')
  return first === 'hardlink' || first === 'symlink'
}

function warnRefused({ refused }: Linker, path: string, { onEvent }: CallOptions): void {
  for (const type of refused) {
    onEvent?.({ type: 'warning', message: `this file system allows no ${type} here; the file was copied`, path })
  }
}

/** Makes the large files of a directory anew, by the link type that is configured; `sections` is what the workspace holds, and is kept so. */
export function relinkSections(
  { repo, cache }: Place,
  directory: string,
  sections: readonly Section[],
  linker: Linker,
  { inside, onlyCopies = false }: { inside?: string | undefined; onlyCopies?: boolean } = {},
): void {
  for (const { path: folder, names, records } of sections) {
    for (const [i, name] of names.entries()) {
      const path = childPath(folder, name)
      const flags = records.flags(i)
      const size = records.size(i)
      if ((flags & flag.kindMask) !== flag.file || size < LARGE_FILE || !isInside(path, inside)) continue
      const absolute = join(directory, path)
      const oid = toHex(records.oid(i))
      const stat = lstatSync(absolute, { throwIfNoEntry: false })
      if (stat === undefined || (onlyCopies && (!stat.isFile() || stat.nlink > 1))) continue
      if (!isAsKnown(cache, absolute, stat, records, i)) continue
      const executable = (flags & flag.executable) !== 0
      checkoutFile(absolute, { oid, size, executable }, { cache, linker, temporary: repo.tmpDir })
      records.setStat(i, lstatSync(absolute))
      records.setSize(i, size)
    }
  }
}

/** Nobody wrote into it since it was looked at. A hard link's ctime changes with its siblings, so there the object's seal decides. */
function isAsKnown(cache: Cache, absolute: string, stat: Stats, records: Records, i: number): boolean {
  const id = records.oid(i)
  if (!cache.hasFile(id, records.size(i))) return false
  if (stat.isSymbolicLink()) return readlinkSync(absolute) === objectPath(cache.layout, toHex(id))
  if (!stat.isFile() || (records.flags(i) & flag.stat) === 0) return false
  return records.sameStat(i, stat) || isHardLinked(cache.layout, stat, id)
}
