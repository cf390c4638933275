import { randomBytes } from 'node:crypto'
import type { ByteSource, ObjectStore } from '../object-store.ts'

export interface Supports {
  /** Of many writers with `ifNoneMatch` one wins. */
  conditionalPut?: boolean
  /** Keys that are odd but allowed: a server may be unable to hold some of them. */
  withoutKeys?: readonly string[]
}

/** The store that is tested, once it is made. */
export interface Made {
  store: ObjectStore
}

/** Names that break stores which paste keys into URLs, XML or shell lines. */
export const ODD_KEYS: readonly string[] = [
  'with space',
  'plus+plus',
  'per%cent%41',
  'Ünïcödé/日本語/🙂',
  'quote"\'`',
  '<xml>&amp;',
  'query?x=1#fragment',
  'semi;colon:and,comma=equals@at',
  'brackets[0]{1}(2)*!$',
  '.hidden/..two-dots/...',
  `deep/${'x/'.repeat(30)}leaf`,
  `long-${'n'.repeat(200)}`,
  '-leading-dash',
  'tilde~caret^',
]

/** Bytes that are handed out piece by piece, afresh each time. */
export function source(size: number, pieceSize: number): { body: ByteSource; bytes: Buffer } {
  const bytes = randomBytes(size)
  const body: ByteSource = {
    size,
    async *open() {
      for (let start = 0; start < size; start += pieceSize) yield bytes.subarray(start, start + pieceSize)
    },
  }
  return { body, bytes }
}

export async function keysOf(store: ObjectStore, prefix: string, signal?: AbortSignal): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list(prefix, { signal })) keys.push(key)
  return keys.sort()
}

export async function inTurns<T>(
  items: readonly T[],
  width: number,
  act: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = items.values()
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of left) await act(item)
    }),
  )
}
