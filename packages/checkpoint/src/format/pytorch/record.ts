import { ArtError, type CallOptions } from '@art/core'
import type { Storage } from '../../model-file.ts'
import type { Source } from '../../source.ts'
import { bytesSource } from '../../source/bytes.ts'
import { dataOffset, type Member, openMember } from '../../zip/zip.ts'
import type { Archive } from './archive.ts'

const STORED = 0
const LOCAL_HEADER_BYTES = 30
/** The sizes follow the data, in a record of 16 bytes or, with 64-bit sizes, of 24. */
const SIZES_FOLLOW = 1 << 3
const ALIGNMENT = 64

/** A record's bytes, as a storage. Nothing of it is read before its source is, except where torch did not write the archive. */
export async function recordStorage(
  archive: Archive,
  member: Member,
  { bigEndian, device }: { bigEndian: boolean; device: string | undefined },
  options?: CallOptions,
): Promise<Storage> {
  const own = { offset: 0, length: member.size, bigEndian, ...(device !== undefined && { device }) }
  const name = `${archive.zip.source.name}:${member.name}`
  if (member.size === 0) return { ...own, source: bytesSource(name, new Uint8Array(0)) }
  if (member.method !== STORED) return { ...own, source: lazySource(archive, member, name) }
  const offset = alignedOffset(archive, member) ?? (await dataOffset(archive.zip, member, options))
  const place = archive.base === undefined ? {} : { place: { offset: archive.base + offset } }
  return { ...own, source: lazySource(archive, member, name, offset), ...place }
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

function lazySource(archive: Archive, member: Member, name: string, offset?: number): Source {
  let opened: Promise<Source> | undefined
  const open = async (options?: CallOptions): Promise<Source> => {
    const source = await openMember(archive.zip, member, options)
    if (offset === undefined || (await dataOffset(archive.zip, member, options)) === offset) return source
    throw new ArtError(
      'CORRUPT',
      'damaged zip archive: the data do not begin where its directory leaves room for them',
      {
        path: name,
        hint: 'Do not use this file unless you trust who made it.',
      },
    )
  }
  return {
    name,
    size: member.size,
    async read(at, length, options) {
      opened ??= open(options)
      const source = await opened.catch((error: unknown) => {
        // An aborted read must not spoil the next one.
        opened = undefined
        throw error
      })
      return source.read(at, length, options)
    },
    async close() {
      await (await opened)?.close()
    },
  }
}
