import { ArtError } from '../error.ts'
import { type Kind, OID_BYTES, sha256, toHex } from '../oid.ts'
import { HASH_SHA256, PACK_MAX } from '../pack/layout.ts'
import {
  PACK_BYTES,
  RECIPE_BYTES_MAX,
  RECIPE_FIXED_BYTES,
  RECIPE_MAGIC,
  RECIPE_PACKS_MAX,
  RECIPE_VERSION,
} from './layout.ts'
import type { Recipe, RecipePack } from './recipe.ts'

/**
 * Reads a recipe and allocates no more than a small multiple of its bytes. What it says of packs is not checked against the packs, and
 * few bytes can name a long stream: a reader stops at `size`. Fails with `CORRUPT` or `UNSUPPORTED`.
 */
export function decodeRecipe(bytes: Uint8Array): Recipe {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = data.length - OID_BYTES
  if (end < RECIPE_FIXED_BYTES) throw corrupt('it is cut off')
  if (data.length > RECIPE_BYTES_MAX) throw corrupt('it is larger than 16 MiB')
  if (!data.subarray(0, 8).equals(RECIPE_MAGIC)) throw corrupt('the magic bytes are missing')
  if (data[8] !== RECIPE_VERSION || data[9] !== HASH_SHA256) {
    throw new ArtError('UNSUPPORTED', `recipe of version ${data[8]} with hash ${data[9]}`, { hint: 'Update art.' })
  }
  if (!sha256(data.subarray(0, end)).equals(data.subarray(end))) throw corrupt('it does not match its checksum')
  const kind = String.fromCharCode(data[10]!)
  if ((kind !== 'f' && kind !== 'd') || data[11] !== 0) throw corrupt('unknown kind')
  const size = Number(data.readBigUInt64LE(44))
  if (!Number.isSafeInteger(size)) throw corrupt('impossible size')
  const packCount = data.readUInt32LE(52)
  if (packCount > RECIPE_PACKS_MAX) throw corrupt('it names more packs than a recipe may')
  const runsAt = RECIPE_FIXED_BYTES + packCount * PACK_BYTES
  if (runsAt > end) throw corrupt('more packs than it has bytes for')
  const packs = readPacks(data, packCount)
  const runs = readRuns(data.subarray(runsAt, end), data.readUInt32LE(56), packs)
  return { kind: kind satisfies Kind, oid: toHex(data.subarray(12, 44)), size, packs, runs }
}

function readPacks(data: Buffer, count: number): RecipePack[] {
  const packs: RecipePack[] = []
  for (let i = 0; i < count; i++) {
    const at = RECIPE_FIXED_BYTES + i * PACK_BYTES
    const size = data.readUInt32LE(at + 16)
    if (size > PACK_MAX) throw corrupt('impossible pack size')
    packs.push({ name: data.toString('hex', at, at + 16), size, chunks: data.readUInt32LE(at + 20) })
  }
  return packs
}

function readRuns(data: Buffer, count: number, packs: RecipePack[]): Uint32Array {
  if (count * 3 > data.length) throw corrupt('more runs than it has bytes for')
  const runs = new Uint32Array(count * 3)
  let at = 0
  for (let i = 0; i < runs.length; i++) {
    let value = 0
    let scale = 1
    for (let byte = 0x80; byte > 0x7f; scale *= 128) {
      byte = data[at++] ?? -1
      if (byte < 0 || scale > 2 ** 28 || (byte === 0 && scale > 1)) throw corrupt('a number is malformed')
      value += (byte & 0x7f) * scale
    }
    if (value > 0xffff_ffff) throw corrupt('a number is malformed')
    runs[i] = value
  }
  if (at !== data.length) throw corrupt('bytes are left over')
  for (let i = 0; i < runs.length; i += 3) {
    const pack = packs[runs[i]!]
    if (pack === undefined || runs[i + 2] === 0 || runs[i + 1]! + runs[i + 2]! > pack.chunks) {
      throw corrupt(`run ${i / 3} lies outside its pack`)
    }
  }
  return runs
}

function corrupt(what: string): ArtError {
  return new ArtError('CORRUPT', `damaged recipe: ${what}`)
}
