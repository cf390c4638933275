import { CHUNK_MAX } from '../chunk/chunker.ts'
import { ArtError } from '../error.ts'
import { chooseScheme, TEXT_LEVEL } from './choose.ts'
import { deflatePlane, deflateText, inflateInto } from './deflate.ts'
import { corrupt } from './corrupt.ts'
import { joinPlanes, reservePlanes, splitPlanes } from './planes.ts'
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

let scratch = Buffer.allocUnsafeSlow(CHUNK_MAX + 64)

/** Chooses a scheme and applies it. `bytes` is never longer than `raw`; with scheme 0 it is `raw` itself. */
export function encodeChunk(raw: Uint8Array): { scheme: number; bytes: Uint8Array } {
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
  const planes = reservePlanes(raw.length, stride)
  splitPlanes(raw, planes)
  if (scratch.length < raw.length + 64) scratch = Buffer.allocUnsafeSlow(raw.length + 64)
  let at = stride * PLANE_HEAD_BYTES
  for (const [i, plane] of planes.bytes.entries()) {
    const { method, end } = encodePlane(plane, entropies[i]!, at)
    scratch.writeUInt32LE((end - at) | (method << 24), i * PLANE_HEAD_BYTES)
    at = end
  }
  return Buffer.from(scratch.subarray(0, at))
}

/** Into `scratch` at `at`, where a raw plane always finds room. */
function encodePlane(plane: Uint8Array, entropy: number, at: number): { method: number; end: number } {
  if (entropy === 0 && isFilled(plane)) {
    scratch[at] = plane[0]!
    return { method: PLANE_FILL, end: at + 1 }
  }
  const deflated = entropy <= NOISE ? deflatePlane(plane) : plane
  if (deflated.length < plane.length) {
    scratch.set(deflated, at)
    return { method: PLANE_DEFLATE, end: at + deflated.length }
  }
  scratch.set(plane, at)
  return { method: PLANE_RAW, end: at + plane.length }
}

function isFilled(plane: Uint8Array): boolean {
  const first = plane[0]
  for (let i = 1; i < plane.length; i++) if (plane[i] !== first) return false
  return true
}

function decodePlanes(stored: Uint8Array, stride: number, target: Uint8Array): void {
  const planes = reservePlanes(target.length, stride)
  let at = stride * PLANE_HEAD_BYTES
  if (at > stored.length) throw corrupt('it is cut off')
  for (const [i, plane] of planes.bytes.entries()) {
    const head = i * PLANE_HEAD_BYTES
    const end = at + (stored[head]! | (stored[head + 1]! << 8) | (stored[head + 2]! << 16))
    if (end > stored.length) throw corrupt('it is cut off')
    decodePlane(stored[head + 3]!, stored.subarray(at, end), plane)
    at = end
  }
  if (at !== stored.length) throw corrupt('bytes are left over')
  joinPlanes(planes, target)
}

function decodePlane(method: number, bytes: Uint8Array, plane: Uint8Array): void {
  if (method === PLANE_DEFLATE) {
    inflateInto(bytes, plane)
  } else if (method === PLANE_RAW || method === PLANE_FILL) {
    if (bytes.length !== (method === PLANE_RAW ? plane.length : 1)) throw corrupt('a plane has another length')
    if (method === PLANE_RAW) plane.set(bytes)
    else plane.fill(bytes[0]!)
  } else {
    throw new ArtError('UNSUPPORTED', `plane stored by the unknown method ${method}`, { hint: 'Update art.' })
  }
}
