import { type CallOptions, isArtError } from '@art/core'
import type { ObjectStore } from '../object-store.ts'
import { readAll } from '../read-all.ts'
import { readTwice } from './damage.ts'
import { CONDEMNED } from './keys.ts'
import { decodeLines, encodeLines } from './lines.ts'

const HEADING = 'art-condemned 1'

/** The names that one gc has condemned: nobody may newly rely on them. */
export function encodeCondemned(keys: readonly string[]): Buffer {
  return encodeLines(HEADING, keys)
}

export function decodeCondemned(bytes: Uint8Array, path: string): string[] {
  return decodeLines(bytes, HEADING, path)
}

/** Every condemned name. A list that goes between LIST and GET was dropped by a gc: then the lists are listed again. */
export async function readCondemned(store: ObjectStore, options?: CallOptions): Promise<Set<string>> {
  for (;;) {
    const condemned = new Set<string>()
    try {
      for await (const { key } of store.list(CONDEMNED, options)) {
        const names = await readTwice(async () => decodeCondemned(await readAll(store, key, options), key))
        for (const name of names) condemned.add(name)
      }
      return condemned
    } catch (error) {
      if (!isArtError(error, 'NOT_FOUND')) throw error
      options?.signal?.throwIfAborted()
    }
  }
}
