import { readFileSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { ArtError, type CallOptions, fromHex, fromSystemError } from '@art/core'
import { AGAIN } from '../layout/damage.ts'
import { publishObject } from '@art/core/cache/large.ts'
import { type CacheLayout, LARGE_FILE } from '@art/core/cache/layout.ts'
import { EarlySync } from '@art/core/fs/early-sync.ts'
import type { Runner } from '@art/core/worker/pool.ts'
import type { FileNeed } from './needs.ts'

/** Puts a small content into a pack of the cache. */
export type Keep = (id: Uint8Array, bytes: Uint8Array) => void

export interface AssemblyContext {
  layout: CacheLayout
  session: string
  /** The worker that hashes this file. */
  worker: Runner
  /** Takes a file that turns out to be small, and whose chunks lie apart from each other. */
  keep: Keep
  /** Told when the file is in the cache. */
  published: () => void
}

/**
 * A large file that grows piece by piece in any order. Its start is hashed as soon as it is whole, while the rest still travels; it
 * enters the cache, as soon as it is complete, only when all of it matches its oid.
 */
export class Assembly {
  readonly need: FileNeed
  readonly #context: AssemblyContext
  /** Ends of complete pieces by their starts. */
  readonly #pieces = new Map<number, number>()
  #whole = 0
  #working: Promise<unknown> = Promise.resolve()
  #file: FileHandle | undefined
  #early: EarlySync | undefined
  #published = false

  constructor(need: FileNeed, context: AssemblyContext) {
    this.need = need
    this.#context = context
  }

  /** Bytes `start` to `end` are in the file. */
  written(start: number, end: number): void {
    this.#pieces.set(start, Math.max(end, this.#pieces.get(start) ?? 0))
    const { session, worker } = this.#context
    const { temporary: path, size, oid } = this.need
    const from = this.#whole
    for (let next = this.#pieces.get(from); next !== undefined; next = this.#pieces.get(this.#whole)) {
      this.#pieces.delete(this.#whole)
      this.#whole = next
    }
    const to = this.#whole
    if (to === from) return
    this.#working = this.#working.then(async () => {
      // A small one goes into a pack, and need not be on the disk for that: there may be very many of them.
      if (size >= LARGE_FILE) {
        this.#file ??= await open(path, 'r+')
        this.#early ??= new EarlySync(this.#file)
        this.#early.grown(from)
      }
      const found = await worker.run('hashGrown', { session, path, start: from, end: to, last: to === size })
      if (to === size) await this.#complete(found === oid)
    })
    this.#working.catch(() => undefined)
  }

  /** Waits until the file is in the cache. Fails with `REMOTE_DAMAGED` where it is not what its oid says. */
  async finish(options?: CallOptions): Promise<void> {
    await this.#working
    options?.signal?.throwIfAborted()
    if (this.#published) return
    throw new ArtError('REMOTE_DAMAGED', 'what the remote holds is not what the pointer names', {
      path: this.need.path,
      hint: AGAIN,
    })
  }

  async close(): Promise<void> {
    await this.#working.catch(() => undefined)
    await this.#release().catch(() => undefined)
    rmSync(this.need.temporary, { force: true })
  }

  async #complete(isRight: boolean): Promise<void> {
    const { temporary, size, oid } = this.need
    const { layout, keep } = this.#context
    if (!isRight) return await this.#release()
    if (size < LARGE_FILE) keep(fromHex(oid), readFileSync(temporary))
    else {
      await this.#file!.sync().catch((error: unknown) => {
        throw fromSystemError(error, layout.temporary)
      })
      await this.#release()
      publishObject(layout, temporary, oid)
    }
    this.#published = true
    this.#context.published()
  }

  async #release(): Promise<void> {
    await this.#early?.settle()
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }
}
