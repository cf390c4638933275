import { hash as hashOnce } from 'node:crypto'

/** `f` file, `d` directory: part of every key and reference, because a file may hold a tree's bytes. */
export type Kind = 'f' | 'd'

/** 64 lower-case hex digits: the sha256 of a file's bytes or of a tree's root node. Bulk code uses the 32 raw bytes. */
export type Oid = string

export const OID_BYTES = 32

export function isOid(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}

/** sha256 of bytes in hand, as 32 raw bytes. */
export function sha256(bytes: Uint8Array): Buffer {
  return hashOnce('sha256', bytes, 'buffer')
}

/** The sha256 of no bytes. */
export const EMPTY_ID = sha256(new Uint8Array())

export function toHex(id: Uint8Array): Oid {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('hex')
}

export function fromHex(oid: Oid): Buffer {
  return Buffer.from(oid, 'hex')
}
