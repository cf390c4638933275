import { ArtError } from '../error.ts'
import { fromHex, sha256 } from '../oid.ts'
import { HASH_SHA256 } from '../pack/layout.ts'
import {
  PACK_BYTES,
  RECIPE_BYTES_MAX,
  RECIPE_FIXED_BYTES,
  RECIPE_MAGIC,
  RECIPE_PACKS_MAX,
  RECIPE_VERSION,
} from './layout.ts'
import type { Recipe } from './recipe.ts'

/** The bytes of a recipe. Fails with `INTERNAL` where a run lies outside its pack, and with `UNSUPPORTED` where nobody would read it. */
export function encodeRecipe(recipe: Recipe): Buffer {
  const { packs, runs } = recipe
  const length = RECIPE_FIXED_BYTES + packs.length * PACK_BYTES + runsLength(recipe) + 32
  if (length > RECIPE_BYTES_MAX || packs.length > RECIPE_PACKS_MAX) throw tooScattered()
  const bytes = Buffer.alloc(length)
  bytes.set(RECIPE_MAGIC)
  bytes[8] = RECIPE_VERSION
  bytes[9] = HASH_SHA256
  bytes[10] = recipe.kind.charCodeAt(0)
  bytes.set(fromHex(recipe.oid), 12)
  bytes.writeBigUInt64LE(BigInt(recipe.size), 44)
  bytes.writeUInt32LE(packs.length, 52)
  bytes.writeUInt32LE(runs.length / 3, 56)
  let at = RECIPE_FIXED_BYTES
  for (const { name, size, chunks } of packs) {
    bytes.write(name, at, 'hex')
    bytes.writeUInt32LE(size, at + 16)
    bytes.writeUInt32LE(chunks, at + 20)
    at += PACK_BYTES
  }
  for (const value of runs) {
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80
    bytes[at++] = rest
  }
  bytes.set(sha256(bytes.subarray(0, at)), at)
  return bytes
}

function runsLength({ packs, runs }: Recipe): number {
  if (runs.length % 3 !== 0) throw new ArtError('INTERNAL', 'the runs of a recipe are triples')
  let length = 0
  for (let i = 0; i < runs.length; i += 3) {
    const chunks = packs[runs[i]!]?.chunks ?? 0
    const [first, count] = [runs[i + 1]!, runs[i + 2]!]
    if (count === 0 || first + count > chunks) {
      throw new ArtError('INTERNAL', `run ${i / 3} of the recipe lies outside its pack`)
    }
    for (let k = i; k < i + 3; k++) length += Math.max(1, Math.ceil((32 - Math.clz32(runs[k]!)) / 7))
  }
  return length
}

function tooScattered(): ArtError {
  return new ArtError('UNSUPPORTED', 'its content lies in more places of the remote than a recipe can name', {
    hint: 'Add its folders one by one, or push to an empty remote.',
  })
}
