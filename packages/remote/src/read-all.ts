import { ArtError } from '@art/core'
import type { GetOptions, ObjectStore } from './object-store.ts'

export interface ReadAllOptions extends GetOptions {
  /** Size of the object in bytes, where it is known: the buffer is then allocated once, and any other size fails with `REMOTE_DAMAGED`. */
  size?: number
  /** Takes the bytes, where the size is known, if they fit: large fresh buffers cost more than the copying. */
  into?: Uint8Array
  /** Most bytes to take into memory where the size is not known; more fail with `REMOTE_DAMAGED`. 256 MiB by default. */
  limit?: number
}

const DEFAULT_LIMIT = 256 << 20

/** One object, or a range of it, in memory. Fails like `ObjectStore.get`. */
export async function readAll(store: ObjectStore, key: string, options: ReadAllOptions = {}): Promise<Buffer> {
  const { range, size, limit = DEFAULT_LIMIT } = options
  const expected = range === undefined ? size : range.end - range.start
  if (expected !== undefined) return readExactly(store, key, expected, options)
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of store.get(key, options)) {
    length += piece.length
    if (length > limit) throw wrongSize(key, `more than ${limit} bytes`)
    pieces.push(piece)
  }
  return pieces.length === 1 ? asBuffer(pieces[0]!) : Buffer.concat(pieces, length)
}

async function readExactly(
  store: ObjectStore,
  key: string,
  expected: number,
  options: ReadAllOptions,
): Promise<Buffer> {
  const { into } = options
  let all = into === undefined || into.length < expected ? undefined : asBuffer(into.subarray(0, expected))
  let length = 0
  for await (const piece of store.get(key, options)) {
    if (length + piece.length > expected) throw wrongSize(key, `more than the ${expected} bytes it should have`)
    if (all === undefined && piece.length === expected) all = asBuffer(piece)
    else {
      all ??= roomIn(options.memory, expected)
      all.set(piece, length)
    }
    length += piece.length
  }
  if (length !== expected) throw wrongSize(key, `${length} bytes instead of ${expected}`)
  return all ?? Buffer.alloc(0)
}

function roomIn(memory: Uint8Array | undefined, size: number): Buffer {
  return memory === undefined || memory.length < size ? Buffer.allocUnsafe(size) : asBuffer(memory.subarray(0, size))
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function wrongSize(key: string, what: string): ArtError {
  return new ArtError('REMOTE_DAMAGED', `object has ${what}`, {
    path: key,
    hint: 'Push it again from a clone that has it.',
  })
}
