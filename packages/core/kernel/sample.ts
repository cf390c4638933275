// AssemblyScript: see build.mjs.
import { RAW } from './memory'

/** A sample is that many windows at most, spread evenly; byte `i` of a chunk counts in histogram `i % 8`. */
const WINDOWS: u32 = 64
const WINDOW_BYTES: u32 = 64
const PHASES: u32 = 8
/** Histograms of the planes of stride 8, 4, 2 and 1, one behind the other. */
const HISTOGRAMS: usize = memory.data(15 * 256 * 4, 16)
/** Estimated bits a byte of the planes of stride 8, 4, 2 and 1, one behind the other. */
export const ENTROPIES: usize = memory.data(15 * 8, 16)
/** c × log2(c) for every count that can occur: whoever makes an instance fills it in. */
export const COUNT_LOGS: usize = memory.data((64 * 64 + 1) * 8, 16)

/** Samples the chunk in RAW and estimates ENTROPIES, with Miller and Madow's correction for a small sample. */
export function sample(length: u32): void {
  memory.fill(HISTOGRAMS, 0, PHASES * 256 * 4)
  let step = (length / WINDOWS / PHASES) * PHASES
  if (step < WINDOW_BYTES) step = WINDOW_BYTES
  for (let from: u32 = 0, window: u32 = 0; from < length && window < WINDOWS; from += step, window++) {
    const end = from + WINDOW_BYTES < length ? from + WINDOW_BYTES : length
    for (let i = from; i < end; i++) {
      const at = HISTOGRAMS + (((i & (PHASES - 1)) << 10) as usize) + (load<u8>(RAW + i) as usize) * 4
      store<u32>(at, load<u32>(at) + 1)
    }
  }
  let fine = HISTOGRAMS
  for (let planes: usize = 4; planes > 0; planes >>= 1) {
    const coarse = fine + planes * 2 * 1024
    const half = planes * 1024
    for (let at: usize = 0; at < half; at += 16) {
      v128.store(coarse + at, i32x4.add(v128.load(fine + at), v128.load(fine + half + at)))
    }
    fine = coarse
  }
  for (let plane: usize = 0; plane < 15; plane++) {
    store<f64>(ENTROPIES + plane * 8, entropyOf(HISTOGRAMS + plane * 1024))
  }
}

function entropyOf(histogram: usize): f64 {
  let total: u32 = 0
  let seen: u32 = 0
  let sum: f64 = 0
  for (let at = histogram; at < histogram + 1024; at += 4) {
    const count = load<u32>(at)
    total += count
    seen += (count != 0) as u32
    sum += load<f64>(COUNT_LOGS + (count as usize) * 8)
  }
  if (total == 0) return 0
  const size = total as f64
  const bits = (load<f64>(COUNT_LOGS + (total as usize) * 8) - sum) / size + ((seen - 1) as f64) / (2 * size * Math.LN2)
  return bits < 8 ? bits : 8
}

const REPEAT_BYTES: u32 = 2048
const REPEAT_BITS: u32 = 12
const LAST_SEEN: usize = memory.data((1 << 12) * 2, 16)

/** Positions in the middle of the chunk in RAW that start four bytes which were seen shortly before: none in weights, a fifth in text. */
export function repeats(length: u32): u32 {
  const from: u32 = length > REPEAT_BYTES ? (length - REPEAT_BYTES) >> 1 : 0
  const positions = (length < REPEAT_BYTES ? length : REPEAT_BYTES) - 3
  memory.fill(LAST_SEEN, 0, (1 << 12) * 2)
  let found: u32 = 0
  for (let i: u32 = 0; i < positions; i++) {
    const word = load<u32>(RAW + from + i)
    const slot = LAST_SEEN + (((word * 0x9e3779b1) >> (32 - REPEAT_BITS)) as usize) * 2
    const before: u32 = load<u16>(slot)
    store<u16>(slot, (i + 1) as u16)
    if (before != 0 && load<u32>(RAW + from + before - 1) == word) found++
  }
  return found
}
