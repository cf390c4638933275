import { type CallOptions, fromHex } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { objectPath, randomName } from '@art/core/cache/layout.ts'
import { members, walkTree } from '@art/core/index/from-tree.ts'
import type { ChunkIndex } from '@art/core/pack/chunk-index.ts'
import { packTailSize } from '@art/core/pack/table.ts'
import { type GroupOutput, OWN_PACK } from '@art/core/packing/group.ts'
import { cutRegions } from '@art/core/packing/regions.ts'
import { Progress } from '@art/core/progress.ts'
import type { Pool } from '@art/core/worker/pool.ts'
import { packKey } from '../layout/keys.ts'
import type { ObjectStore } from '../object-store.ts'
import { type Group, GroupFiller } from './groups.ts'
import type { KnownPacks } from './known-packs.ts'
import { type ReliedPack, Slots } from './slots.ts'
import { shapeOf, type Target } from './target.ts'

export interface UploadContext extends CallOptions {
  store: ObjectStore
  cache: Cache
  pool: Pool
  known: KnownPacks
  compress: boolean
}

/** The stream of one target, and what it takes to rebuild it from the remote. */
export interface Uploaded {
  target: Target
  size: number
  packs: ReliedPack[]
  runs: Uint32Array
}

export interface UploadBytes {
  /** Raw bytes of chunks that were sent. */
  new: number
  /** Bytes of packs that were sent. */
  stored: number
}

/** Sends what the remote is not known to have of some targets, all of which the cache holds; packs are shared between targets. */
export async function upload(
  targets: readonly Target[],
  context: UploadContext,
): Promise<{ uploaded: Uploaded[]; bytes: UploadBytes }> {
  const { pool, cache, known } = context
  const index = known.index()
  const session = randomName()
  await pool.each('beginPacking', { session, packs: cache.packs.state, known: index.state, compress: context.compress })
  try {
    const run = new Upload(context, session, index)
    run.announce(targets)
    const streams: { target: Target; size: number; stream: number[] }[] = []
    for (const target of targets) streams.push({ target, ...(await run.addTarget(target)) })
    await run.finish()
    return {
      uploaded: streams.map(({ target, size, stream }) => ({ target, size, ...run.slots.recipe(stream) })),
      bytes: run.bytes,
    }
  } finally {
    await pool.each('endPacking', { session })
  }
}

class Upload {
  readonly slots = new Slots()
  readonly bytes: UploadBytes = { new: 0, stored: 0 }
  readonly #context: UploadContext
  readonly #session: string
  readonly #knownNames: ReliedPack[]
  readonly #knownNumbers = new Map<number, number>()
  readonly #filler = new GroupFiller((group) => this.#send(group))
  /** Slot of each entry of the cache's packs, by its number in the cache's index. */
  readonly #placed = new Map<number, number>()
  readonly #objects = new Map<string, number>()
  readonly #running = new Set<Promise<void>>()
  readonly #known: ChunkIndex
  readonly #memory: ArrayBuffer[] = []
  readonly #progress: Progress
  #turn: Promise<unknown> = Promise.resolve()
  #failure: unknown

  constructor(context: UploadContext, session: string, known: ChunkIndex) {
    this.#context = context
    this.#session = session
    this.#known = known
    this.#progress = new Progress('upload', context)
    this.#knownNames = context.known.packs.map(({ name, size, table }) => ({ name, size, chunks: table.count }))
  }

  announce(targets: readonly Target[]): void {
    for (const { files = 1, size } of targets) this.#progress.expect(files, size)
    this.#progress.tell()
  }

  async addTarget(target: Target): Promise<{ size: number; stream: number[] }> {
    const stream: number[] = []
    if (target.kind === 'f') {
      await this.#addContent(stream, fromHex(target.oid), target.size, 1)
      return { size: target.size, stream }
    }
    return { size: await this.#addTree(stream, fromHex(target.oid), target.files), stream }
  }

  async finish(): Promise<void> {
    await this.#filler.flush()
    await Promise.all(this.#running)
    if (this.#failure !== undefined) throw this.#failure
    this.#progress.remains()
  }

  async #addTree(stream: number[], root: Uint8Array, files: number | undefined): Promise<number> {
    const { cache } = this.#context
    const walk = walkTree(root, { files })
    let size = 0
    let step = walk.next()
    while (!step.done) {
      const node = cache.readNode(step.value)
      size += node.length
      this.#progress.expect(0, node.length)
      await this.#addContent(stream, step.value, node.length, 0)
      step = walk.next(node)
    }
    for (const { section, i } of members(step.value)) {
      const full = this.#addContent(stream, section.records.oid(i), section.records.size(i), 1)
      if (full !== undefined) await full
    }
    return size + step.value.bytes
  }

  /** `files`: 0 for a node of a tree, which is none. Returns a promise only where there is something to wait for. */
  #addContent(stream: number[], id: Uint8Array, size: number, files: number): Promise<void> | undefined {
    const shape = shapeOf(size)
    if (shape === 'empty') return this.#skip(files, size)
    if (shape === 'object') return this.#addObject(stream, id, size)
    const entry = this.#context.cache.packs.numberOf(id)
    const placed = this.#placed.get(entry)
    if (placed !== undefined) {
      stream.push(placed)
      return this.#skip(files, size)
    }
    const slot = this.slots.open()
    if (entry >= 0) this.#placed.set(entry, slot)
    stream.push(slot)
    if (shape === 'content') return this.#filler.segment(slot, { type: 'content', id, size }, size, files)
    const known = this.#known.lookup(id)
    if (known < 0) return this.#filler.chunk(slot, id, size, files)
    this.slots.resolve(slot, this.#knownPack(this.#known.packOf(known)), this.#known.entryOf(known))
    return this.#skip(files, size)
  }

  /** Need not travel. */
  #skip(files: number, bytes: number): undefined {
    this.#progress.skip(files, bytes)
  }

  async #addObject(stream: number[], id: Uint8Array, size: number): Promise<void> {
    const oid = Buffer.from(id).toString('hex')
    const placed = this.#objects.get(oid)
    if (placed !== undefined) {
      stream.push(placed)
      return this.#skip(1, size)
    }
    const slot = this.slots.open()
    this.#objects.set(oid, slot)
    stream.push(slot)
    const path = objectPath(this.#context.cache.layout, oid)
    let sent = 0
    for await (const region of cutRegions(path, oid, this.#context)) {
      const length = region.cuts.at(-1)!
      sent += length
      await this.#filler.segment(slot, region, length, sent === size ? 1 : 0)
    }
    if (sent !== size) throw new RangeError(`${path} has ${sent} bytes, expected ${size}`)
  }

  #knownPack(number: number): number {
    let relied = this.#knownNumbers.get(number)
    if (relied === undefined) {
      relied = this.slots.addPack(this.#knownNames[number]!)
      this.#knownNumbers.set(number, relied)
    }
    return relied
  }

  /** Bounds what is in memory: as many groups as there are workers, and a pack on its way. */
  async #send(group: Group): Promise<void> {
    const { segments, size } = group
    const { pool, signal } = this.#context
    signal?.throwIfAborted()
    while (this.#running.size >= pool.size + 1) await Promise.race(this.#running)
    if (this.#failure !== undefined) throw this.#failure
    const memory = this.#memory.pop()
    const input = { session: this.#session, segments, size, memory }
    const packed = pool.run('packGroup', input, memory === undefined ? [] : [memory])
    // A large file spans groups, and the chunks of its slot must come in order.
    const resolved = Promise.all([packed, this.#turn]).then(([output]) => this.#resolve(group, output))
    this.#turn = resolved
    const work = resolved
      .then((put) => put?.())
      .catch((error: unknown) => {
        this.#failure ??= error
      })
    this.#running.add(work)
    void work.finally(() => this.#running.delete(work))
  }

  async #put(name: string, pack: Uint8Array, { chunks, raw }: GroupOutput, files: number): Promise<void> {
    const { store, known } = this.#context
    // A copy, which `slice` of a Buffer would not be: the memory of the pack is used again.
    const tail = Uint8Array.from(pack.subarray(pack.length - packTailSize(chunks)))
    await store.put(packKey(name), pack, this.#context)
    this.bytes.new += raw
    this.bytes.stored += pack.length
    this.#progress.done(files, raw)
    known.add(name, pack.length, tail)
    this.#memory.push(pack.buffer as ArrayBuffer)
  }

  /** Notes where the chunks of a group are; returns what is left to do: sending the pack that was made. */
  #resolve({ segments, slots, size, files }: Group, output: GroupOutput): (() => Promise<void>) | undefined {
    const { pack, chunks, refs, counts } = output
    this.#progress.skip(pack === undefined ? files : 0, size - output.raw)
    const name = randomName()
    const own = pack === undefined ? -1 : this.slots.addPack({ name, size: pack.length, chunks })
    let at = 0
    let slot = 0
    for (const [i, segment] of segments.entries()) {
      for (let left = counts[i]!; left > 0; left--, at += 2) {
        const relied = refs[at] === OWN_PACK ? own : this.#knownPack(refs[at]!)
        this.slots.resolve(slots[slot]!, relied, refs[at + 1]!)
        if (segment.type === 'chunks') slot++
      }
      if (segment.type !== 'chunks') slot++
    }
    return pack && (() => this.#put(name, pack, output, files))
  }
}
