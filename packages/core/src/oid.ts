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

export function toHex(id: Uint8Array): Oid {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('hex')
}

export function fromHex(oid: Oid): Buffer {
  return Buffer.from(oid, 'hex')
}

/** The sha256 of no bytes, written out: computing it would load OpenSSL's part of Node at each start. */
export const EMPTY_ID = fromHex('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
