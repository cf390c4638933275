import { chmodSync, closeSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Cache } from '../cache/cache.ts'
import { LARGE_FILE } from '../cache/layout.ts'
import { PackReader } from '../cache/pack-reader.ts'
import { ArtError } from '../error.ts'
import { failureAt } from '../fs/refusal.ts'
import { writeWholeSync } from '../fs/whole.ts'
import type { Linker } from '../link/link.ts'
import { fromHex, type Oid } from '../oid.ts'
import { placeObject } from './object.ts'
import { stagingFolder, stagingPath } from './staging.ts'

/** Brings one file from the cache to the workspace, complete or not at all; replaces what is there. */
export function checkoutFile(
  target: string,
  file: { oid: Oid; size: number; executable: boolean },
  { cache, linker, temporary }: { cache: Cache; linker: Linker; temporary: string },
): void {
  let fresh: string | undefined
  try {
    mkdirSync(dirname(target), { recursive: true })
    fresh = stagingPath(stagingFolder(dirname(target), temporary))
    if (file.size >= LARGE_FILE) placeObject(cache.layout, file, fresh, linker)
    else writeSmall(cache, file, fresh, linker.mode(file.executable))
    renameSync(fresh, target)
  } catch (error) {
    throw failureAt(target, error)
  } finally {
    // Renaming one hard link of an object over another does nothing, and says so to nobody.
    if (fresh !== undefined) rmSync(fresh, { force: true })
  }
}

function writeSmall(cache: Cache, { oid, size }: { oid: Oid; size: number }, fresh: string, mode: number): void {
  const bytes = new PackReader(cache.packs).read(fromHex(oid))
  if (bytes.length !== size) {
    throw new ArtError('POINTER_INVALID', `the content of this oid has ${bytes.length} bytes, and not ${size}`, {
      hint: 'Restore the pointer from git, or write it again with `art add`.',
    })
  }
  const fd = openSync(fresh, 'wx', mode)
  try {
    writeWholeSync(fd, bytes)
  } finally {
    closeSync(fd)
  }
  chmodSync(fresh, mode)
}
