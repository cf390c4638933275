import { deflateRawSync } from 'node:zlib'
import { CENTRAL_HEADER, DATA_DESCRIPTOR, DEFLATED, END_RECORD, LOCAL_HEADER, SIZES_FOLLOW, STORED } from './layout.ts'
import { ZIP64_END_RECORD, ZIP64_LOCATOR } from './layout.ts'

interface Header {
  name?: string | Buffer
  method?: number
  flags?: number
  size?: number
  compressedSize?: number
  offset?: number
  /** Behind the name: what torch aligns data with. */
  extra?: Uint8Array
}

export interface TestMember {
  name: string | Buffer
  data: Uint8Array
  deflate?: boolean
  /** Sizes stand behind the data. */
  descriptor?: boolean
  /** All three numbers of the directory as 64 bits. */
  zip64?: boolean
  /** Bytes between the member before and this one. */
  gap?: Uint8Array
  /** What the header says other than the truth. */
  local?: Header
  central?: Header
  /** Left out of the directory. */
  hidden?: boolean
}

export interface TestZip {
  prefix?: Uint8Array
  comment?: Uint8Array
  commentLength?: number
  zip64?: boolean
  count?: number
  directoryBytes?: number
  directoryOffset?: number
  behindDirectory?: Uint8Array
}

/** For tests: an archive that may say of itself what is not so. */
export function makeZip(members: readonly TestMember[], options: TestZip = {}): Buffer {
  const parts: Buffer[] = []
  const central: Buffer[] = []
  let at = 0
  const add = (bytes: Uint8Array): void => {
    parts.push(Buffer.from(bytes))
    at += bytes.length
  }
  for (const member of members) {
    add(member.gap ?? Buffer.alloc(0))
    const packed = member.deflate === true ? deflateRawSync(member.data) : Buffer.from(member.data)
    const truth = {
      name: member.name,
      method: member.deflate === true ? DEFLATED : STORED,
      flags: member.descriptor === true ? SIZES_FOLLOW : 0,
      size: member.data.length,
      compressedSize: packed.length,
      offset: at,
      extra: Buffer.alloc(0),
    }
    const empty = member.descriptor === true ? { size: 0, compressedSize: 0 } : {}
    if (member.hidden !== true) central.push(centralHeader({ ...truth, ...member.central }, member.zip64 === true))
    add(localHeader({ ...truth, ...empty, ...member.local }))
    add(packed)
    if (member.descriptor === true) add(words(DATA_DESCRIPTOR, 0, packed.length, member.data.length))
  }
  const directory = Buffer.concat([...central, options.behindDirectory ?? Buffer.alloc(0)])
  const end = endRecords({ offset: at, bytes: directory.length, count: central.length }, options)
  return Buffer.concat([options.prefix ?? Buffer.alloc(0), ...parts, directory, end])
}

function localHeader(header: Required<Header>): Buffer {
  const name = Buffer.from(header.name)
  const fixed = Buffer.alloc(30)
  fixed.writeUInt32LE(LOCAL_HEADER, 0)
  fixed.writeUInt16LE(header.flags, 6)
  fixed.writeUInt16LE(header.method, 8)
  fixed.writeUInt32LE(header.compressedSize, 18)
  fixed.writeUInt32LE(header.size, 22)
  fixed.writeUInt16LE(name.length, 26)
  fixed.writeUInt16LE(header.extra.length, 28)
  return Buffer.concat([fixed, name, header.extra])
}

function centralHeader(header: Required<Header>, zip64: boolean): Buffer {
  const name = Buffer.from(header.name)
  const extra = zip64 ? Buffer.alloc(28) : Buffer.alloc(0)
  const fixed = Buffer.alloc(46)
  fixed.writeUInt32LE(CENTRAL_HEADER, 0)
  fixed.writeUInt16LE(header.flags, 8)
  fixed.writeUInt16LE(header.method, 10)
  fixed.writeUInt16LE(name.length, 28)
  fixed.writeUInt16LE(extra.length, 30)
  const numbers = [header.size, header.compressedSize, header.offset]
  for (const [i, at] of [24, 20, 42].entries()) fixed.writeUInt32LE(zip64 ? 0xffff_ffff : numbers[i]!, at)
  if (zip64) {
    extra.writeUInt16LE(1, 0)
    extra.writeUInt16LE(24, 2)
    for (const [i, number] of numbers.entries()) extra.writeBigUInt64LE(BigInt(number), 4 + i * 8)
  }
  return Buffer.concat([fixed, name, extra])
}

function endRecords(truth: { offset: number; bytes: number; count: number }, options: TestZip): Buffer {
  const offset = options.directoryOffset ?? truth.offset
  const bytes = options.directoryBytes ?? truth.bytes
  const count = options.count ?? truth.count
  const comment = options.comment ?? Buffer.alloc(0)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(END_RECORD, 0)
  end.writeUInt16LE(options.zip64 === true ? 0xffff : count, 8)
  end.writeUInt16LE(options.zip64 === true ? 0xffff : count, 10)
  end.writeUInt32LE(options.zip64 === true ? 0xffff_ffff : bytes, 12)
  end.writeUInt32LE(options.zip64 === true ? 0xffff_ffff : offset, 16)
  end.writeUInt16LE(options.commentLength ?? comment.length, 20)
  if (options.zip64 !== true) return Buffer.concat([end, comment])
  const long = Buffer.alloc(56 + 20)
  long.writeUInt32LE(ZIP64_END_RECORD, 0)
  long.writeBigUInt64LE(44n, 4)
  for (const [i, number] of [count, count, bytes, offset].entries()) long.writeBigUInt64LE(BigInt(number), 24 + i * 8)
  long.writeUInt32LE(ZIP64_LOCATOR, 56)
  long.writeBigUInt64LE(BigInt(truth.offset + truth.bytes + (options.prefix?.length ?? 0)), 64)
  return Buffer.concat([long, end, comment])
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, i * 4)
  return bytes
}
