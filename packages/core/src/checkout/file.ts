import { chmodSync, mkdirSync, openSync, closeSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Cache } from '../cache/cache.ts'
import { LARGE_FILE, objectPath, randomName } from '../cache/layout.ts'
import { PackReader } from '../cache/pack-reader.ts'
import { verifySealed } from '../cache/seal.ts'
import { ArtError, fromSystemError } from '../error.ts'
import { writeWholeSync } from '../fs/whole.ts'
import type { Linker } from '../link/link.ts'
import { fromHex, type Oid } from '../oid.ts'

/** Brings one file from the cache to the workspace, complete or not at all; replaces what is there. */
export function checkoutFile(
  target: string,
  file: { oid: Oid; size: number; executable: boolean },
  { cache, linker, temporary }: { cache: Cache; linker: Linker; temporary: string },
): void {
  mkdirSync(temporary, { recursive: true })
  const fresh = join(temporary, randomName())
  try {
    if (file.size >= LARGE_FILE) linkLarge(cache, file.oid, fresh, linker, file.executable)
    else writeSmall(cache, file.oid, fresh, linker.mode(file.executable))
    mkdirSync(join(target, '..'), { recursive: true })
    renameSync(fresh, target)
  } catch (error) {
    rmSync(fresh, { force: true })
    throw fromSystemError(error, target)
  }
}

function linkLarge(cache: Cache, oid: Oid, fresh: string, linker: Linker, executable: boolean): void {
  const object = objectPath(cache.layout, oid)
  if (cache.largeSize(oid) === undefined) {
    throw new ArtError('NOT_CACHED', 'the content is not in the cache', { hint: 'Run `art pull`.' })
  }
  verifySealed(object, oid)
  linker.link(object, fresh, executable)
}

function writeSmall(cache: Cache, oid: Oid, fresh: string, mode: number): void {
  const bytes = new PackReader(cache.packs).read(fromHex(oid))
  const fd = openSync(fresh, 'wx', mode)
  try {
    writeWholeSync(fd, bytes)
  } finally {
    closeSync(fd)
  }
  chmodSync(fresh, mode)
}
