import { ArtError, type CallOptions } from '@art/core'
import type { Storage } from '../../model-file.ts'
import type { Source } from '../../source.ts'
import { dataOffset, type Member, openMember } from '../../zip/zip.ts'
import type { Archive } from './archive.ts'

const STORED = 0
const LOCAL_HEADER_BYTES = 30
/** The sizes follow the data, in a record of 16 bytes or, with 64-bit sizes, of 24. */
const SIZES_FOLLOW = 1 << 3
const ALIGNMENT = 64

/** Storages over the records of an archive, made before anything of a record is read. */
export interface RecordStorages {
  of(member: Member, device: string | undefined): Storage
  /** Finds out where the bytes stand: with a read of a local header only where torch did not write the archive. */
  place(options?: CallOptions): Promise<void>
}

type Unplaced = { -readonly [Key in keyof Storage]: Storage[Key] }

export function recordStorages(archive: Archive, bigEndian: boolean): RecordStorages {
  const made = new Map<Member, Unplaced>()
  return {
    of(member, device) {
      const known = made.get(member)
      if (known !== undefined) return known
      const source = new RecordSource(archive, member)
      const storage: Unplaced = {
        source,
        offset: 0,
        length: member.size,
        bigEndian,
        ...(device !== undefined && { device }),
      }
      made.set(member, storage)
      return storage
    },
    async place(options) {
      const { base } = archive
      if (base === undefined) return
      // In the order of the file: where local headers have to be read, reading goes forward.
      const inOrder = [...made].sort(([a], [b]) => a.offset - b.offset)
      for (const [member, storage] of inOrder) {
        if (member.method !== STORED || member.size === 0) continue
        const offset = alignedOffset(archive, member) ?? (await dataOffset(archive.zip, member, options))
        storage.place = { offset: base + offset }
      }
    },
  }
}

/**
 * Where the data begin, told from where the next record begins: torch aligns data, so that nothing else fits between. Spares a read of
 * every local header; undefined where that is needed.
 */
function alignedOffset(archive: Archive, member: Member): number | undefined {
  const isLong = member.size >= 0xffff_ffff || member.offset >= 0xffff_ffff
  const descriptor = (member.flags & SIZES_FOLLOW) === 0 ? 0 : isLong ? 24 : 16
  const data = archive.after(member) - descriptor - member.compressedSize
  const extra = data - member.offset - LOCAL_HEADER_BYTES - Buffer.byteLength(member.name)
  return data % ALIGNMENT === 0 && extra >= 0 && extra <= 0xffff ? data : undefined
}

/** Opened when it is first read. A class, for a checkpoint has a hundred thousand of them: closures would take four times the memory. */
class RecordSource implements Source {
  readonly size: number
  readonly #archive: Archive
  readonly #member: Member
  #opened: Promise<Source> | undefined

  constructor(archive: Archive, member: Member) {
    this.size = member.size
    this.#archive = archive
    this.#member = member
  }

  get name(): string {
    return `${this.#archive.zip.source.name}:${this.#member.name}`
  }

  async read(offset: number, length: number, options?: CallOptions): Promise<Uint8Array> {
    if (this.size === 0 && offset === 0 && length === 0) return new Uint8Array(0)
    this.#opened ??= open(this.#archive, this.#member, this.name, options)
    const source = await this.#opened.catch((error: unknown) => {
      // An aborted read must not spoil the next one.
      this.#opened = undefined
      throw error
    })
    return source.read(offset, length, options)
  }

  async close(): Promise<void> {
    await (await this.#opened)?.close()
  }
}

async function open(archive: Archive, member: Member, name: string, options?: CallOptions): Promise<Source> {
  const source = await openMember(archive.zip, member, options)
  const offset = member.method === STORED ? alignedOffset(archive, member) : undefined
  if (offset === undefined || (await dataOffset(archive.zip, member, options)) === offset) return source
  throw new ArtError('CORRUPT', 'damaged zip archive: the data do not begin where its directory leaves room for them', {
    path: name,
    hint: 'Do not use this file unless you trust who made it.',
  })
}
