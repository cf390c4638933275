import { crc32 } from '../hash/crc32.ts'
import type { DirIndex } from './dir-index.ts'
import { INDEX_HEADER_BYTES, INDEX_MAGIC, INDEX_TAIL_BYTES, INDEX_VERSION, SECTION_HEADER_BYTES } from './layout.ts'
import type { Section } from './section.ts'

const ROOM = 256 << 10

/**
 * Bytes of an index in order: header, sections (lengths, path, names, records), crc32 of all before. Each piece must be used before the next
 * is asked for, since most come in the same memory: a directory of very many folders has very many short parts.
 */
export function* encodeIndex(index: DirIndex): Generator<Uint8Array, void, void> {
  const room = Buffer.allocUnsafeSlow(ROOM)
  let filled = 0
  let crc = 0
  const counted = (piece: Uint8Array): Uint8Array => {
    crc = crc32(piece, crc)
    return piece
  }
  for (const part of parts(index)) {
    if (filled + part.length > ROOM) {
      yield counted(room.subarray(0, filled))
      filled = 0
    }
    if (part.length > ROOM) yield counted(part)
    else {
      room.set(part, filled)
      filled += part.length
    }
  }
  yield counted(room.subarray(0, filled))
  const tail = Buffer.alloc(INDEX_TAIL_BYTES)
  tail.writeUInt32LE(crc, 0)
  yield tail
}

/** How many bytes `encodeIndex` gives. */
export function indexSize({ sections }: DirIndex): number {
  let size = INDEX_HEADER_BYTES + INDEX_TAIL_BYTES
  for (const { path, names, records } of sections) {
    let text = Buffer.byteLength(path)
    for (const name of names) text += Buffer.byteLength(name)
    size += SECTION_HEADER_BYTES + text + (-text & 7) + records.bytes.length
  }
  return size
}

function* parts(index: DirIndex): Generator<Uint8Array, void, void> {
  yield headerOf(index)
  const head = Buffer.alloc(SECTION_HEADER_BYTES)
  for (const section of index.sections) {
    const path = Buffer.from(section.path)
    const names = Buffer.from(section.names.join(''))
    writeSectionHead(head, section, path.length, names.length)
    yield head
    yield path
    yield names
    yield PADDING.subarray(0, -(path.length + names.length) & 7)
    yield section.records.bytes
  }
}

const PADDING = new Uint8Array(8)

function headerOf({ sections, files, bytes, root, seed = 0n }: DirIndex): Buffer {
  const header = Buffer.alloc(INDEX_HEADER_BYTES)
  header.set(INDEX_MAGIC)
  header.writeUInt32LE(INDEX_VERSION, 8)
  header.writeUInt32LE(sections.length, 12)
  header.writeDoubleLE(files, 16)
  header.writeDoubleLE(bytes, 24)
  header.set(root, 32)
  header.writeBigUInt64LE(seed, 64)
  return header
}

function writeSectionHead(head: Buffer, { names, tree }: Section, pathBytes: number, namesBytes: number): void {
  head.fill(0)
  head.writeUInt32LE(pathBytes, 0)
  head.writeUInt32LE(names.length, 4)
  head.writeUInt32LE(namesBytes, 8)
  if (tree === undefined) return
  head.writeDoubleLE(tree.size, 16)
  head.writeDoubleLE(tree.files, 24)
  head.set(tree.oid, 32)
}
