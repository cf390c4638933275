import { closeSync, openSync } from 'node:fs'
import { sha256 } from '@art/core'
import { readWholeSync } from '@art/core/fs/whole.ts'
import type { Seeds } from './seeds.ts'

/** Reads chunks out of older files of the cache. */
export interface SeedReader {
  /** Is there a place where the chunk should be? */
  has(id: Uint8Array): boolean
  /** Undefined where it is not, or no longer: the place is then forgotten. */
  read(id: Uint8Array, length: number): Uint8Array | undefined
  close(): void
}

export function seedReader(seeds: Seeds): SeedReader {
  const open = new Map<string, number>()

  function bytesAt(path: string, offset: number, length: number): Uint8Array {
    let fd = open.get(path)
    if (fd === undefined) open.set(path, (fd = openSync(path, 'r')))
    const bytes = Buffer.allocUnsafeSlow(length)
    return bytes.subarray(0, readWholeSync(fd, bytes, offset))
  }

  return {
    has: (id) => seeds.find(id) !== undefined,
    read(id, length) {
      const place = seeds.find(id)
      if (place === undefined) return undefined
      try {
        const bytes = bytesAt(place.path, place.offset, length)
        if (sha256(bytes).equals(id)) return bytes
      } catch {
        // Whatever keeps it from being read: the remote has it.
      }
      seeds.forget(id)
      return undefined
    },
    close() {
      for (const fd of open.values()) closeSync(fd)
      open.clear()
    },
  }
}
