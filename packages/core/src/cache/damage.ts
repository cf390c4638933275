import { closeSync, openSync, rmSync, utimesSync, type Stats } from 'node:fs'
import { atomicWriteSync } from '../fs/atomic-write.ts'
import { readPlainFile } from '../fs/plain-file.ts'
import { readWholeSync } from '../fs/whole.ts'
import { sha256 } from '../oid.ts'
import { PACK_MAX } from '../pack/layout.ts'
import type { PackTable } from '../pack/table.ts'
import { isSealed, seal } from './seal.ts'

/** Ends the name of the file beside a pack that says which of its entries are damaged: their numbers, u32 each, little-endian. */
export const DAMAGE_SUFFIX = '.damaged'

function damagePath(pack: string): string {
  return pack.replace(/\.pack$/, DAMAGE_SUFFIX)
}

/** Entries that were found damaged earlier: they count as absent, and the others do not. */
export function readDamage(pack: string): Set<number> {
  let bytes: Buffer
  try {
    bytes = readPlainFile(damagePath(pack), { max: PACK_MAX })
  } catch {
    return new Set()
  }
  return new Set(Array.from({ length: bytes.length >> 2 }, (_, i) => bytes.readUInt32LE(i * 4)))
}

/** Reads all of a pack and leaves word of what is damaged in it. `isNoted` is false where the cache cannot be written to. */
export function noteDamage(pack: string, table: PackTable): { damaged: Set<number>; isNoted: boolean } {
  const damaged = findDamaged(pack, table)
  try {
    const bytes = Buffer.alloc(damaged.length * 4)
    for (const [i, entry] of damaged.entries()) bytes.writeUInt32LE(entry, i * 4)
    if (damaged.length > 0) atomicWriteSync(damagePath(pack), bytes)
    else rmSync(damagePath(pack), { force: true })
    return { damaged: new Set(damaged), isNoted: true }
  } catch {
    return { damaged: new Set(damaged), isNoted: false }
  }
}

function findDamaged(pack: string, table: PackTable): number[] {
  const fd = openSync(pack, 'r')
  try {
    const damaged: number[] = []
    let room = Buffer.alloc(0)
    for (let i = 0; i < table.count; i++) {
      const length = table.storedLength(i)
      if (room.length < length) room = Buffer.allocUnsafeSlow(Math.max(length, 64 << 10))
      const bytes = room.subarray(0, length)
      if (!isWhole(fd, bytes, table, i)) damaged.push(i)
    }
    return damaged
  } finally {
    closeSync(fd)
  }
}

function isWhole(fd: number, bytes: Buffer, table: PackTable, i: number): boolean {
  try {
    return readWholeSync(fd, bytes, table.offset(i)) === bytes.length && sha256(bytes).equals(table.id(i))
  } catch {
    return false
  }
}

/**
 * What counts as absent of a pack, and whether that is news. A pack that somebody may have written to, since it no longer has its seal, is
 * read once and sealed again; where it cannot be sealed each command would have to, so there it is taken as it is, and checked when it is read.
 */
export function damageOf(
  pack: string,
  stat: Stats,
  table: PackTable,
  isNoted: boolean,
): { without: Set<number>; isNew: boolean } {
  const known = isNoted ? readDamage(pack) : new Set<number>()
  if (isSealed(stat.mtimeMs) || !canSeal(pack, stat)) return { without: known, isNew: false }
  const { damaged } = noteDamage(pack, table)
  try {
    seal(pack)
  } catch {
    // It is read again next time.
  }
  return { without: damaged, isNew: [...damaged].some((entry) => !known.has(entry)) }
}

function canSeal(path: string, { atime, mtime }: Stats): boolean {
  try {
    utimesSync(path, atime, mtime)
    return true
  } catch {
    return false
  }
}
