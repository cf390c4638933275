import { ArtError, type CallOptions } from '@art/core'
import { interrupted } from '../../decorate/limit.ts'
import { checkKey } from '../../key.ts'
import type { ByteSource, Capabilities, GetOptions, ObjectInfo, ObjectStore, PutOptions } from '../../object-store.ts'
import { bodySize, openBody, wrongLength } from '../../source.ts'
import { checkRange } from '../range.ts'
import { checkVersion } from '../version.ts'

interface Held {
  bytes: Uint8Array
  modified: Date
  generation: number
}

/** Objects in memory, for tests and simulations: what was put is copied, so that nothing changes it afterwards. */
export class MemoryStore implements ObjectStore {
  readonly url = 'memory:'
  readonly capabilities: Capabilities
  readonly #objects = new Map<string, Held>()
  readonly #pieceSize: number
  readonly #now: () => Date
  #generation = 0

  /** `pieceSize`: bytes that a get yields at a time. */
  constructor(options: { capabilities?: Partial<Capabilities>; pieceSize?: number; now?: () => Date } = {}) {
    this.capabilities = { conditionalPut: true, local: true, ...options.capabilities }
    this.#pieceSize = options.pieceSize ?? 64 << 10
    this.#now = options.now ?? (() => new Date())
  }

  get size(): number {
    return this.#objects.size
  }

  keys(): string[] {
    return [...this.#objects.keys()]
  }

  async head(key: string, { signal }: CallOptions = {}): Promise<ObjectInfo | undefined> {
    await turn(key, signal)
    const held = this.#objects.get(key)
    return held && { key, size: held.bytes.length, modified: held.modified }
  }

  async *get(key: string, { range, version, signal }: GetOptions = {}): AsyncGenerator<Uint8Array> {
    await turn(key, signal)
    const held = this.#objects.get(key)
    if (held === undefined) {
      throw new ArtError('NOT_FOUND', 'no such object', { path: key, hint: 'Push it from a clone that has it.' })
    }
    checkVersion(version, String(held.generation), held.bytes.length, key)
    checkRange(range, held.bytes.length, key)
    const wanted = range === undefined ? held.bytes : held.bytes.subarray(range.start, range.end)
    for (let start = 0; start < wanted.length; start += this.#pieceSize) {
      await turn(key, signal)
      yield Uint8Array.prototype.slice.call(wanted, start, start + this.#pieceSize)
    }
  }

  async put(key: string, body: Uint8Array | ByteSource, options: PutOptions = {}): Promise<{ created: boolean }> {
    await turn(key, options.signal)
    const bytes = Buffer.alloc(bodySize(body))
    let length = 0
    for await (const piece of openBody(body)) {
      if (length + piece.length > bytes.length) throw wrongLength(bytes.length)
      bytes.set(piece, length)
      length += piece.length
    }
    if (length !== bytes.length) throw wrongLength(bytes.length)
    await turn(key, options.signal)
    if (options.ifNoneMatch !== undefined && this.#objects.has(key)) return { created: false }
    this.#objects.set(key, { bytes, modified: this.#now(), generation: ++this.#generation })
    return { created: true }
  }

  async *list(prefix: string, { signal }: CallOptions = {}): AsyncGenerator<ObjectInfo> {
    await turn(undefined, signal)
    for (const key of [...this.#objects.keys()].sort()) {
      const held = this.#objects.get(key)
      if (held === undefined || !key.startsWith(prefix)) continue
      yield { key, size: held.bytes.length, modified: held.modified }
    }
  }

  async delete(keys: Iterable<string>, { signal }: CallOptions = {}): Promise<void> {
    for (const key of keys) {
      await turn(key, signal)
      this.#objects.delete(key)
    }
  }
}

/** A real store answers later: so does this one, so that others get their turn in between. */
async function turn(key: string | undefined, signal: AbortSignal | undefined): Promise<void> {
  if (key !== undefined) checkKey(key)
  await Promise.resolve()
  if (signal?.aborted) throw interrupted(signal)
}
