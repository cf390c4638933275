import { CHUNK_MAX } from '../chunk/chunker.ts'
import { ArtError } from '../error.ts'
import { chooseScheme, TEXT_LEVEL } from './choose.ts'
import { corrupt } from './corrupt.ts'
import { deflateText, inflateInto } from './deflate.ts'
import { loadChunk } from './kernel.ts'
import { deflatePlane, inflatePlane, joinPlanes, planeOf, splitPlanes, stored as buffer } from './planes.ts'
import { NOISE } from './sample.ts'
import {
  DEFLATE,
  PLANE_DEFLATE,
  PLANE_FILL,
  PLANE_HEAD_BYTES,
  PLANE_RAW,
  PLANES,
  RAW,
  STRIDES_LOG2_MAX,
} from './scheme.ts'

/**
 * Chooses a scheme for a chunk of at most 128 KiB and applies it. `bytes` is never longer than `raw`; with scheme 0 it is `raw` itself.
 * Valid until the next call.
 */
export function encodeChunk(raw: Uint8Array): { scheme: number; bytes: Uint8Array } {
  loadChunk(raw)
  const { scheme, planes } = chooseScheme(raw)
  const bytes = scheme === RAW ? raw : scheme === DEFLATE ? deflateText(raw, TEXT_LEVEL) : encodePlanes(raw, planes)
  return bytes.length < raw.length ? { scheme, bytes } : { scheme: RAW, bytes: raw }
}

/**
 * The raw bytes of a stored chunk: `stored` itself with scheme 0. Never makes more than `rawLength` bytes. Fails with `CORRUPT` where the
 * bytes are not what the scheme and length say, with `UNSUPPORTED` for a scheme that this art does not know. Whether the content is the
 * right one is for the caller to say, who knows the chunk's id.
 */
export function decodeChunk(scheme: number, stored: Uint8Array, rawLength: number): Uint8Array {
  if (scheme === RAW && stored.length === rawLength) return stored
  const raw = Buffer.allocUnsafe(rawLength)
  decodeChunkInto(scheme, stored, raw)
  return raw
}

/** Like `decodeChunk`; `target` is as long as the raw chunk. */
export function decodeChunkInto(scheme: number, stored: Uint8Array, target: Uint8Array): void {
  if (scheme === RAW) {
    if (stored.length !== target.length) throw corrupt('it is stored raw with another length')
    target.set(stored)
  } else if (scheme === DEFLATE) {
    inflateInto(stored, target)
  } else if (scheme >= PLANES && scheme <= PLANES + STRIDES_LOG2_MAX) {
    decodePlanes(stored, 1 << (scheme - PLANES), target)
  } else {
    throw new ArtError('UNSUPPORTED', `chunk stored by the unknown scheme ${scheme}`, { hint: 'Update art.' })
  }
}

function encodePlanes(raw: Uint8Array, entropies: Float64Array): Uint8Array {
  const stride = entropies.length
  splitPlanes(raw.length, stride)
  let at = stride * PLANE_HEAD_BYTES
  for (let i = 0; i < stride; i++) {
    const plane = planeOf(raw.length, stride, i)
    const { method, end } = encodePlane(plane, entropies[i]!, at)
    // Raw planes and their headers may be longer than the chunk.
    if (end > raw.length) return raw
    buffer.writeUInt32LE((end - at) | (method << 24), i * PLANE_HEAD_BYTES)
    at = end
  }
  return buffer.subarray(0, at)
}

/** Into `buffer` at `at`, as far as there is room. */
function encodePlane(plane: Buffer, entropy: number, at: number): { method: number; end: number } {
  if (entropy === 0 && isFilled(plane)) {
    buffer[at] = plane[0]!
    return { method: PLANE_FILL, end: at + 1 }
  }
  const deflated = entropy <= NOISE ? deflatePlane(plane, at) : 0
  if (deflated > 0) return { method: PLANE_DEFLATE, end: at + deflated }
  plane.copy(buffer, at)
  return { method: PLANE_RAW, end: at + plane.length }
}

function isFilled(plane: Buffer): boolean {
  return plane.compare(plane, 1, plane.length, 0, plane.length - 1) === 0
}

function decodePlanes(stored: Uint8Array, stride: number, target: Uint8Array): void {
  let at = stride * PLANE_HEAD_BYTES
  if (at > stored.length) throw corrupt('it is cut off')
  if (stored.length > buffer.length || target.length > CHUNK_MAX) throw corrupt('it is longer than a chunk can be')
  buffer.set(stored)
  for (let i = 0; i < stride; i++) {
    const head = buffer.readUInt32LE(i * PLANE_HEAD_BYTES)
    const end = at + (head & 0xff_ffff)
    if (end > stored.length) throw corrupt('it is cut off')
    decodePlane(head >>> 24, at, end, planeOf(target.length, stride, i))
    at = end
  }
  if (at !== stored.length) throw corrupt('bytes are left over')
  joinPlanes(target, stride)
}

function decodePlane(method: number, at: number, end: number, plane: Buffer): void {
  if (method === PLANE_DEFLATE) {
    if (!inflatePlane(at, end, plane)) inflateInto(buffer.subarray(at, end), plane)
  } else if (method === PLANE_RAW || method === PLANE_FILL) {
    if (end - at !== (method === PLANE_RAW ? plane.length : 1)) throw corrupt('a plane has another length')
    if (method === PLANE_RAW) buffer.copy(plane, 0, at, end)
    else plane.fill(buffer[at]!)
  } else {
    throw new ArtError('UNSUPPORTED', `plane stored by the unknown method ${method}`, { hint: 'Update art.' })
  }
}
