// Data of a known seed: weights whose values are spread as trained weights are, and many small files.
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'

const PIECE = 4 << 20

/** 32 random bits a call; one seed gives one sequence. */
function xorshift(seed) {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x6d2b79f5) | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

/** 65,537 points of the inverse normal distribution (Acklam's approximation), so that drawing a value is a look-up. */
const QUANTILES = Float64Array.from({ length: 65537 }, (_, index) => quantile((index + 0.5) / 65538))

function quantile(p) {
  const a = [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
  ]
  const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1]
  const c = [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ]
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1]
  const poly = (terms, x) => terms.reduce((sum, term) => sum * x + term, 0)
  if (p > 0.97575) return -quantile(1 - p)
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p))
    return poly(c, q) / poly(d, q)
  }
  const q = p - 0.5
  return (poly(a, q * q) * q) / poly(b, q * q)
}

/**
 * Writes `bytes` of normally distributed weights (σ 0.02).
 * @param {string} path
 * @param {number} bytes a multiple of 4 MiB
 * @param {{ seed?: number, type?: 'fp32' | 'bf16' }} options
 */
export function writeWeights(path, bytes, { seed = 1, type = 'fp32' } = {}) {
  mkdirSync(dirname(path), { recursive: true })
  const next = xorshift(seed)
  const piece = Buffer.alloc(PIECE)
  const floats = new Float32Array(piece.buffer, piece.byteOffset, PIECE / 4)
  const halves = new Uint16Array(piece.buffer, piece.byteOffset, PIECE / 2)
  const one = new Float32Array(1)
  const oneAsBits = new Uint32Array(one.buffer)
  const draw = () => {
    const bits = next()
    const low = QUANTILES[bits >>> 16]
    return 0.02 * (low + (QUANTILES[(bits >>> 16) + 1] - low) * ((bits & 0xffff) / 65536))
  }
  const file = openSync(path, 'w')
  for (let done = 0; done < bytes; done += PIECE) {
    if (type === 'fp32') for (let i = 0; i < floats.length; i++) floats[i] = draw()
    else
      for (let i = 0; i < halves.length; i++) {
        one[0] = draw()
        halves[i] = (oneAsBits[0] + 0x8000) >>> 16
      }
    writeAll(file, piece)
  }
  closeSync(file)
}

/** Overwrites a part of a file with other weights, as fine-tuning the head of a model does. */
export function rewritePart(path, start, bytes, seed) {
  const next = xorshift(seed)
  const part = new Uint32Array(bytes / 4)
  for (let i = 0; i < part.length; i++) part[i] = 0x3c000000 | (next() >>> 8)
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.from(part.buffer), 0, bytes, start)
  closeSync(file)
}

/** Writes `count` files of 10 KiB that do not compress, spread over 100 folders. */
export function writeSmallFiles(folder, count, seed = 1) {
  const next = xorshift(seed)
  const words = new Uint32Array(2560)
  const bytes = Buffer.from(words.buffer)
  for (let group = 0; group < 100; group++)
    mkdirSync(join(folder, `class_${String(group).padStart(3, '0')}`), { recursive: true })
  for (let index = 0; index < count; index++) {
    for (let i = 0; i < words.length; i++) words[i] = next()
    writeFileSync(smallFile(folder, index, count), bytes)
  }
}

/** Path of the nth small file. */
export function smallFile(folder, index, count) {
  const group = Math.floor((index * 100) / count)
  return join(folder, `class_${String(group).padStart(3, '0')}`, `image_${String(index).padStart(7, '0')}.bin`)
}

function writeAll(file, bytes) {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}
