import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isArtError, type Oid } from '@art/core'
import { type CacheLayout, temporaryPath, tensorsPath, toldTensorsPath } from '@art/core/cache/layout.ts'
import { readPlainFile } from '@art/core/fs/plain-file.ts'
import { decodeTable } from '@art/checkpoint/table/decode.ts'
import { encodeParts, TABLE_BYTES_MAX } from '@art/checkpoint/table/encode.ts'
import type { TensorTable } from '@art/checkpoint/table/table.ts'

/**
 * The bytes of a tensor table that was made on this machine from the content itself; undefined where there is none. Whether they are one is for
 * `decodeTable` to say.
 */
export function keptTableBytes(layout: CacheLayout, oid: Oid): Buffer | undefined {
  return bytesAt(tensorsPath(layout, oid))
}

function bytesAt(path: string): Buffer | undefined {
  try {
    return readPlainFile(path, { max: 2 * TABLE_BYTES_MAX })
  } catch {
    return undefined
  }
}

/** The tensor table of a content, if this machine made one from its bytes and it can be read. */
export function keptTable(layout: CacheLayout, oid: Oid): TensorTable | undefined {
  const bytes = keptTableBytes(layout, oid)
  return bytes === undefined ? undefined : tableFrom(bytes)
}

/** The tensor table of a content as some remote had it: anybody's word, for as long as nothing better is known. */
export function toldTable(layout: CacheLayout, oid: Oid): TensorTable | undefined {
  const bytes = bytesAt(toldTensorsPath(layout, oid))
  return bytes === undefined ? undefined : tableFrom(bytes)
}

/** Undefined for what is damaged, or of a newer art: a table can be made again. */
export function tableFrom(bytes: Uint8Array): TensorTable | undefined {
  try {
    return decodeTable(bytes)
  } catch (error) {
    if (isArtError(error, 'CORRUPT') || isArtError(error, 'UNSUPPORTED')) return undefined
    throw error
  }
}

/** Keeps a table that was made from the content itself; false for one beyond all bounds. */
export function keepTable(layout: CacheLayout, oid: Oid, table: TensorTable): boolean {
  let parts: Buffer[]
  try {
    parts = encodeParts(table)
  } catch (error) {
    if (isArtError(error, 'UNSUPPORTED')) return false
    throw error
  }
  write(layout, tensorsPath(layout, oid), parts)
  forgetTold(layout, oid)
  return true
}

function forgetTold(layout: CacheLayout, oid: Oid): void {
  try {
    rmSync(toldTensorsPath(layout, oid), { force: true })
  } catch {
    // Nobody asks for it any more.
  }
}

/** Keeps what a remote says of a content. It is never sent on. */
export function keepToldTable(layout: CacheLayout, oid: Oid, bytes: Uint8Array): void {
  write(layout, toldTensorsPath(layout, oid), [bytes])
}

/** It ends with a checksum and can be made again: it needs no sync, and a cache that cannot be written to goes without. */
function write(layout: CacheLayout, path: string, parts: readonly Uint8Array[]): void {
  const temporary = temporaryPath(layout)
  try {
    mkdirSync(dirname(path), { recursive: true })
    mkdirSync(layout.temporary, { recursive: true })
    const fd = openSync(temporary, 'wx')
    try {
      for (const part of parts) writeFileSync(fd, part)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, path)
  } catch {
    rmSync(temporary, { force: true })
  }
}
