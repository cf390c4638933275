import { closeSync, openSync } from 'node:fs'
import { readWholeSync, writeWholeSync } from '../fs/whole.ts'
import { withGrowingFile } from './growing-file.ts'

/** A run of bytes that an older file of the cache shares with a new one. */
export interface SeedCopy {
  from: string
  fromOffset: number
  length: number
  offset: number
}

const BLOCK = 4 << 20

/** Copies runs from older files into a new one; whether they were right shows when the whole file is hashed. */
export function copySeeds({ path, copies }: { path: string; copies: SeedCopy[] }): { raw: number } {
  const block = Buffer.allocUnsafeSlow(BLOCK)
  const open = new Map<string, number>()
  try {
    return withGrowingFile(path, (to) => {
      let raw = 0
      for (const { from, fromOffset, length, offset } of copies) {
        let fd = open.get(from)
        if (fd === undefined) open.set(from, (fd = openSync(from, 'r')))
        for (let done = 0; done < length; ) {
          const part = block.subarray(0, Math.min(BLOCK, length - done))
          const got = readWholeSync(fd, part, fromOffset + done)
          if (got === 0) break
          writeWholeSync(to, part.subarray(0, got), offset + done)
          done += got
        }
        raw += length
      }
      return { raw }
    })
  } finally {
    for (const fd of open.values()) closeSync(fd)
  }
}
