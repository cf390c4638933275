import type { CallOptions } from '@art/core'
import type { Source } from '../source.ts'
import {
  CENTRAL_HEADER,
  COMMENT_MAX,
  corruptZip,
  END_RECORD,
  END_RECORD_BYTES,
  ZIP64_END_RECORD,
  ZIP64_END_RECORD_BYTES,
  ZIP64_LOCATOR,
  ZIP64_LOCATOR_BYTES,
} from './layout.ts'
import type { ZipLie } from './lie.ts'

/** Most archives end without a comment: then one small read finds the end record and the zip64 locator before it. */
const FIRST_LOOK = 1024

/** Where the central directory lies. */
export interface ZipEnd {
  readonly offset: number
  readonly bytes: number
  /** Members that the end record counts: as many as a reader like torch's lists. */
  readonly count: number
  /** Of the end record (zip64's where there is one), behind the directory. */
  readonly endOffset: number
  /** To add to every offset that the archive states: bytes were put before it. */
  readonly shift: number
  /** Of the first byte that belongs to no record. */
  readonly tailOffset: number
}

/**
 * Finds the end record as torch's reader does: the last signature with room for a record behind it, whatever the comment's length says.
 * Undefined where there is none, so it is no zip archive. Fails with `CORRUPT`.
 */
export async function readZipEnd(source: Source, lies: ZipLie[], options?: CallOptions): Promise<ZipEnd | undefined> {
  const at = await findEndRecord(source, options)
  if (at === undefined) return undefined
  const record = viewOf(await source.read(at, END_RECORD_BYTES, options))
  const short = {
    count: record.getUint16(10, true),
    bytes: record.getUint32(12, true),
    offset: record.getUint32(16, true),
  }
  const tailOffset = Math.min(at + END_RECORD_BYTES + record.getUint16(20, true), source.size)
  if (at + END_RECORD_BYTES + record.getUint16(20, true) > source.size) {
    lies.push({ kind: 'end', offset: at, message: 'the archive comment is longer than the file' })
  }
  const long = await readZip64End(source, at, lies, options)
  if (long !== undefined) noteOtherNumbers(short, long, at, lies)
  const stated = long ?? { ...short, endOffset: at }
  const shift = await shiftOf(source, stated, lies, options)
  const offset = stated.offset + shift
  if (offset < 0 || offset + stated.bytes > stated.endOffset) {
    throw corruptZip(
      source.name,
      `its directory of ${stated.bytes} bytes at ${stated.offset} is not before its end record`,
    )
  }
  return { ...stated, offset, shift, tailOffset }
}

async function findEndRecord(source: Source, options?: CallOptions): Promise<number | undefined> {
  for (const length of [FIRST_LOOK, END_RECORD_BYTES + COMMENT_MAX]) {
    const from = Math.max(0, source.size - length)
    const tail = viewOf(await source.read(from, source.size - from, options))
    for (let at = tail.byteLength - END_RECORD_BYTES; at >= 0; at--) {
      if (tail.getUint32(at, true) === END_RECORD) return from + at
    }
  }
}

interface Stated {
  count: number
  bytes: number
  offset: number
  endOffset: number
}

async function readZip64End(
  source: Source,
  endRecord: number,
  lies: ZipLie[],
  options?: CallOptions,
): Promise<Stated | undefined> {
  const locatorAt = endRecord - ZIP64_LOCATOR_BYTES
  if (locatorAt < 0) return undefined
  const locator = viewOf(await source.read(locatorAt, ZIP64_LOCATOR_BYTES, options))
  if (locator.getUint32(0, true) !== ZIP64_LOCATOR) return undefined
  const stated = Number(locator.getBigUint64(8, true))
  const usual = locatorAt - ZIP64_END_RECORD_BYTES
  for (const at of new Set([stated, usual])) {
    if (at < 0 || at + ZIP64_END_RECORD_BYTES > locatorAt) continue
    const record = viewOf(await source.read(at, ZIP64_END_RECORD_BYTES, options))
    if (record.getUint32(0, true) !== ZIP64_END_RECORD) continue
    // Python looks where the record usually lies, torch where the locator points: they could be shown different archives.
    if (stated !== usual)
      lies.push({ kind: 'end', offset: at, message: 'the zip64 end record is not where it usually lies' })
    return {
      count: Number(record.getBigUint64(32, true)),
      bytes: Number(record.getBigUint64(40, true)),
      offset: Number(record.getBigUint64(48, true)),
      endOffset: at,
    }
  }
  throw corruptZip(source.name, 'its zip64 end record is missing')
}

function noteOtherNumbers(short: Omit<Stated, 'endOffset'>, long: Stated, offset: number, lies: ZipLie[]): void {
  const isOther =
    (short.count !== 0xffff && short.count !== long.count) ||
    (short.bytes !== 0xffff_ffff && short.bytes !== long.bytes) ||
    (short.offset !== 0xffff_ffff && short.offset !== long.offset)
  if (isOther) lies.push({ kind: 'end', offset, message: 'the two end records name different directories' })
}

/**
 * An archive with bytes put before it states offsets that are too small. Python shifts them, by where the directory would end; torch does
 * not. What is stated counts where a directory is, and both are told where both could be meant.
 */
async function shiftOf(source: Source, stated: Stated, lies: ZipLie[], options?: CallOptions): Promise<number> {
  const shift = stated.endOffset - stated.bytes - stated.offset
  if (shift === 0 || stated.count === 0) return 0
  const isThere = async (at: number): Promise<boolean> => {
    if (at < 0 || at + 4 > source.size) return false
    return viewOf(await source.read(at, 4, options)).getUint32(0, true) === CENTRAL_HEADER
  }
  if (await isThere(stated.offset)) {
    lies.push({
      kind: 'end',
      offset: stated.endOffset,
      message: 'the directory does not end where its end record begins',
    })
    return 0
  }
  if (shift < 0 || !(await isThere(stated.offset + shift))) {
    throw corruptZip(source.name, `there is no directory at ${stated.offset}`)
  }
  lies.push({ kind: 'prefix', offset: 0, message: `${shift} bytes were put before the archive` })
  return shift
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
