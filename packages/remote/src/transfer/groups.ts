import { GROUP_BYTES, type Segment } from '@art/core/packing/group.ts'
import { OID_BYTES } from '@art/core'

/** Keeps the table of a pack of tiny files below 3 MB. */
const GROUP_CHUNKS = 65_536

/** Contents that will travel in one pack, and the slot of each chunk or segment. */
export interface Group {
  segments: Segment[]
  /** One a chunk for `chunks`, one a segment for the others, in order. */
  slots: number[]
  /** Raw bytes of all segments. */
  size: number
  /** Files that are complete with this group. */
  files: number
}

/** Fills groups in stream order, so that what is read together lies together. */
export class GroupFiller {
  readonly #emit: (group: Group) => Promise<void>
  #ids: Uint8Array[] = []
  #group: Group = { segments: [], slots: [], size: 0, files: 0 }

  constructor(emit: (group: Group) => Promise<void>) {
    this.#emit = emit
  }

  /** Returns a promise only where a group is full and has to go first: directories have very many chunks. */
  chunk(slot: number, id: Uint8Array, size: number, files: number): Promise<void> | undefined {
    if (this.#isFull(size)) return this.flush().then(() => this.chunk(slot, id, size, files))
    this.#ids.push(id)
    this.#take(slot, size, files)
    return undefined
  }

  async segment(slot: number, segment: Segment, size: number, files: number): Promise<void> {
    if (this.#isFull(size)) await this.flush()
    this.#closeChunks()
    this.#group.segments.push(segment)
    this.#take(slot, size, files)
  }

  async flush(): Promise<void> {
    this.#closeChunks()
    const group = this.#group
    this.#group = { segments: [], slots: [], size: 0, files: 0 }
    if (group.segments.length > 0) await this.#emit(group)
  }

  #take(slot: number, size: number, files: number): void {
    this.#group.slots.push(slot)
    this.#group.size += size
    this.#group.files += files
  }

  #isFull(size: number): boolean {
    return this.#group.size + size > GROUP_BYTES || this.#group.slots.length >= GROUP_CHUNKS
  }

  #closeChunks(): void {
    if (this.#ids.length === 0) return
    const ids = new Uint8Array(this.#ids.length * OID_BYTES)
    for (const [i, id] of this.#ids.entries()) ids.set(id, i * OID_BYTES)
    this.#group.segments.push({ type: 'chunks', ids })
    this.#ids = []
  }
}
