import { ArtError, type CallOptions, isArtError } from '@art/core'
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

/** Bytes of a list at most: a gc that condemns more than some 350,000 names writes several. */
const MOST_BYTES = 32 << 20

/** A store that goes on listing what it does not have would otherwise never let go. */
const ROUNDS = 100

/** Every condemned name. A list that goes between LIST and GET was dropped by a gc: then the lists are listed again. */
export async function readCondemned(store: ObjectStore, options?: CallOptions): Promise<Set<string>> {
  for (let round = 1; ; round++) {
    const condemned = new Set<string>()
    try {
      for await (const { key } of store.list(CONDEMNED, options)) {
        const names = await readTwice(async () =>
          decodeCondemned(await readAll(store, key, { ...options, limit: MOST_BYTES }), key),
        )
        for (const name of names) condemned.add(name)
      }
      return condemned
    } catch (error) {
      if (!isArtError(error, 'NOT_FOUND')) throw error
      if (round === ROUNDS) throw keepsGoing(error)
      options?.signal?.throwIfAborted()
    }
  }
}

function keepsGoing(cause: ArtError): ArtError {
  return new ArtError('REMOTE_DAMAGED', 'the remote lists an object that it does not have', {
    path: cause.path,
    hint: 'Wait until its listings are up to date, then push again.',
    retryable: true,
    cause,
  })
}
