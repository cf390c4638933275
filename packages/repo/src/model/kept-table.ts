import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { isArtError, type Oid } from '@art/core'
import { readPlainFile } from '@art/core/fs/plain-file.ts'
import { type CacheLayout, temporaryPath, tensorsPath } from '@art/core/cache/layout.ts'
import { decodeTable } from '@art/checkpoint/table/decode.ts'
import { encodeTable, TABLE_BYTES_MAX } from '@art/checkpoint/table/encode.ts'
import type { TensorTable } from '@art/checkpoint/table/table.ts'

/** The bytes of a tensor table that this machine keeps; undefined where there is none. Whether they are one is for `decodeTable` to say. */
export function keptTableBytes(layout: CacheLayout, oid: Oid): Buffer | undefined {
  try {
    return readPlainFile(tensorsPath(layout, oid), { max: 2 * TABLE_BYTES_MAX })
  } catch {
    return undefined
  }
}

/** The tensor table of a content, if this machine keeps one that can be read. */
export function keptTable(layout: CacheLayout, oid: Oid): TensorTable | undefined {
  const bytes = keptTableBytes(layout, oid)
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

/** Keeps a table, and returns its bytes; undefined for one beyond all bounds. */
export function keepTable(layout: CacheLayout, oid: Oid, table: TensorTable): Buffer | undefined {
  let bytes: Buffer
  try {
    bytes = encodeTable(table)
  } catch (error) {
    if (isArtError(error, 'UNSUPPORTED')) return undefined
    throw error
  }
  keepTableBytes(layout, oid, bytes)
  return bytes
}

/** It ends with a checksum and can be made again: it needs no sync, and a cache that cannot be written to goes without. */
export function keepTableBytes(layout: CacheLayout, oid: Oid, bytes: Uint8Array): void {
  const temporary = temporaryPath(layout)
  try {
    mkdirSync(layout.tensors, { recursive: true })
    mkdirSync(layout.temporary, { recursive: true })
    writeFileSync(temporary, bytes, { flag: 'wx' })
    renameSync(temporary, tensorsPath(layout, oid))
  } catch {
    rmSync(temporary, { force: true })
  }
}
