import { randomBytes } from 'node:crypto'
import { ArtError, type CallOptions } from '@art/core'
import type { Finding, ObjectStore } from '../object-store.ts'
import { readAll } from '../read-all.ts'

export interface StoreProbe {
  /** One line a fact: what was tried and what came back. */
  steps: Finding[]
  /** Everything that a push or, where it is read-only, a pull needs works. */
  ok: boolean
  writable: boolean
  conditionalPut: boolean
}

/** No layout keeps anything below this name. */
const PROBES = 'art-probe/'

/**
 * Finds out what a store can do by doing it, with objects of a few kilobytes below `art-probe/` that are gone afterwards. Never throws for what
 * the store gets wrong, except `INTERRUPTED`; each fault is a step with `ok: false`.
 */
export async function probeStore(store: ObjectStore, options: CallOptions = {}): Promise<StoreProbe> {
  const probe = new Probe(store, options)
  try {
    await probe.run()
  } finally {
    await probe.clean()
  }
  return probe.result()
}

class Probe {
  readonly #store: ObjectStore
  readonly #options: CallOptions
  readonly #folder = `${PROBES}${randomBytes(8).toString('hex')}/`
  readonly #key = `${this.#folder}object`
  readonly #bytes = randomBytes(4096)
  readonly #steps: Finding[] = []
  #reached = false
  #writable = false
  #conditionalPut = false

  constructor(store: ObjectStore, options: CallOptions) {
    this.#store = store
    this.#options = options
  }

  async run(): Promise<void> {
    this.#reached = await this.#step('list', () => this.#list())
    if (!this.#reached) return
    this.#writable = await this.#step('write', () => this.#write())
    if (this.#writable) {
      await this.#step('read', () => this.#read())
      await this.#step('range', () => this.#range())
      await this.#step('list what was written', () => this.#listWritten())
      await this.#step('write once only', () => this.#writeOnce())
      await this.#step('overwrite', () => this.#overwrite())
      await this.#step('delete', () => this.#delete())
    }
    for (const finding of (await this.#store.inspect?.(this.#options)) ?? []) this.#steps.push(finding)
  }

  /** Whatever a step that failed has left. */
  async clean(): Promise<void> {
    if (!this.#writable) return
    const { signal: _, ...lasting } = this.#options
    await this.#store.delete([this.#key, `${this.#folder}once`], lasting).catch(() => {})
  }

  result(): StoreProbe {
    const failed = this.#steps.some(({ name, ok }) => !ok && name !== 'write')
    return {
      steps: this.#steps,
      ok: this.#reached && !failed,
      writable: this.#writable,
      conditionalPut: this.#conditionalPut,
    }
  }

  async #step(name: string, act: () => Promise<string>): Promise<boolean> {
    try {
      this.#steps.push({ name, ok: true, detail: await act() })
      return true
    } catch (error) {
      if (!(error instanceof ArtError) || error.code === 'INTERRUPTED') throw error
      this.#steps.push({ name, ok: false, detail: error.hint ? `${error.message}. ${error.hint}` : error.message })
      return false
    }
  }

  async #list(): Promise<string> {
    for await (const { key } of this.#store.list(PROBES, this.#options)) return `answers; an earlier check left ${key}`
    return 'answers'
  }

  async #write(): Promise<string> {
    const begun = performance.now()
    await this.#store.put(this.#key, this.#bytes, this.#options)
    return `${this.#bytes.length} bytes in ${Math.round(performance.now() - begun)} ms`
  }

  async #read(): Promise<string> {
    const begun = performance.now()
    const read = await readAll(this.#store, this.#key, { ...this.#options, size: this.#bytes.length })
    if (!read.equals(this.#bytes)) throw wrong('other bytes came back than were written')
    return `the same bytes, right after the write, in ${Math.round(performance.now() - begun)} ms`
  }

  async #range(): Promise<string> {
    const range = { start: 1000, end: 3000 }
    const read = await readAll(this.#store, this.#key, { ...this.#options, range })
    if (!read.equals(this.#bytes.subarray(range.start, range.end)))
      throw wrong('a range has other bytes than the whole')
    return 'parts of an object can be read'
  }

  async #listWritten(): Promise<string> {
    for await (const { key, size } of this.#store.list(this.#folder, this.#options)) {
      if (key === this.#key && size === this.#bytes.length) return 'listed right after the write'
    }
    throw wrong('what was just written is not listed: this store is not strongly consistent')
  }

  async #writeOnce(): Promise<string> {
    const key = `${this.#folder}once`
    const first = await this.#store.put(key, this.#bytes, { ...this.#options, ifNoneMatch: '*' })
    const second = await this.#store.put(key, this.#bytes, { ...this.#options, ifNoneMatch: '*' })
    this.#conditionalPut = first.created && !second.created && this.#store.capabilities.conditionalPut
    return this.#conditionalPut ? 'conditional writes work' : 'no conditional writes; nothing relies on them'
  }

  async #overwrite(): Promise<string> {
    this.#bytes.reverse()
    await this.#store.put(this.#key, this.#bytes, this.#options)
    const read = await readAll(this.#store, this.#key, this.#options)
    if (!read.equals(this.#bytes)) throw wrong('the old bytes came back after an overwrite')
    return 'the new bytes come back at once'
  }

  async #delete(): Promise<string> {
    await this.#store.delete([this.#key, `${this.#folder}once`], this.#options)
    if ((await this.#store.head(this.#key, this.#options)) !== undefined) throw wrong('a deleted object is still there')
    for await (const { key } of this.#store.list(this.#folder, this.#options)) throw wrong(`${key} is still listed`)
    return 'gone at once'
  }
}

function wrong(message: string): ArtError {
  return new ArtError('REMOTE_DAMAGED', message, {
    hint: 'Use another store: art needs one that is strongly consistent.',
  })
}
