import { createHash, type Hash } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { ArtError } from '../error.ts'
import { readWholeSync } from '../fs/whole.ts'

const BLOCK = 4 << 20
let block: Buffer | undefined

export interface GrownInput {
  session: string
  path: string
  /** Bytes that are in the file now, and were not hashed before: each call goes on where the last one ended. */
  start: number
  end: number
  /** Nothing comes after them. */
  last: boolean
}

/** Hashes of files that grow from their start while the rest of them still travels. */
export class GrowingHashes {
  readonly #hashes = new Map<string, Hash>()

  /** The sha256 in hex after the last bytes, until then undefined. */
  advance({ path, start, end, last }: GrownInput): string | undefined {
    const hash = this.#hashes.get(path) ?? createHash('sha256')
    this.#hashes.set(path, hash)
    block ??= Buffer.allocUnsafeSlow(BLOCK)
    const fd = openSync(path, 'r')
    try {
      for (let at = start; at < end; ) {
        const got = readWholeSync(fd, block.subarray(0, Math.min(BLOCK, end - at)), at)
        if (got === 0) throw new ArtError('IO', 'the file is shorter than what was written to it', { path })
        hash.update(block.subarray(0, got))
        at += got
      }
    } finally {
      closeSync(fd)
    }
    if (!last) return undefined
    this.#hashes.delete(path)
    return hash.digest('hex')
  }
}
