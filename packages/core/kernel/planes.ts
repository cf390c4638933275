// AssemblyScript: see build.mjs.
import { PLANES, RAW } from './memory'

// @ts-ignore: decorator
@inline
function slotOf(length: u32, stride: u32): usize {
  return (((length + stride - 1) / stride + 15) & ~15) as usize
}

/** Where plane `plane` starts. */
export function planeAt(length: u32, stride: u32, plane: u32): usize {
  return PLANES + slotOf(length, stride) * plane
}

/** Byte `i` of the chunk in RAW goes to plane `i % stride`; `stride` is 1, 2, 4 or 8. */
export function split(length: u32, stride: u32): void {
  const slot = slotOf(length, stride)
  let done: u32 = 0
  if (stride == 1) {
    memory.copy(PLANES, RAW, length)
    return
  }
  if (stride == 2) {
    for (; done + 32 <= length; done += 32) {
      const a = v128.load(RAW + done)
      const b = v128.load(RAW + done, 16)
      const to = PLANES + (done >> 1)
      v128.store(to, i8x16.shuffle(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30))
      v128.store(to + slot, i8x16.shuffle(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31))
    }
  } else if (stride == 4) {
    for (; done + 64 <= length; done += 64) {
      const a = gather4(v128.load(RAW + done))
      const b = gather4(v128.load(RAW + done, 16))
      const c = gather4(v128.load(RAW + done, 32))
      const d = gather4(v128.load(RAW + done, 48))
      const ab = i32x4.shuffle(a, b, 0, 4, 1, 5)
      const cd = i32x4.shuffle(c, d, 0, 4, 1, 5)
      const abHigh = i32x4.shuffle(a, b, 2, 6, 3, 7)
      const cdHigh = i32x4.shuffle(c, d, 2, 6, 3, 7)
      const to = PLANES + (done >> 2)
      v128.store(to, i64x2.shuffle(ab, cd, 0, 2))
      v128.store(to + slot, i64x2.shuffle(ab, cd, 1, 3))
      v128.store(to + 2 * slot, i64x2.shuffle(abHigh, cdHigh, 0, 2))
      v128.store(to + 3 * slot, i64x2.shuffle(abHigh, cdHigh, 1, 3))
    }
  } else {
    for (; done + 128 <= length; done += 128) splitEight(RAW + done, PLANES + (done >> 3), slot)
  }
  for (; done < length; done++) {
    store<u8>(PLANES + slot * (done & (stride - 1)) + done / stride, load<u8>(RAW + done))
  }
}

/** The first bytes of four words, then the second ones, and so on. It is its own reverse. */
// @ts-ignore: decorator
@inline
function gather4(words: v128): v128 {
  return i8x16.shuffle(words, words, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)
}

/** The reverse of `split`. */
export function join(length: u32, stride: u32): void {
  const slot = slotOf(length, stride)
  let done: u32 = 0
  if (stride == 1) {
    memory.copy(RAW, PLANES, length)
    return
  }
  if (stride == 2) {
    for (; done + 32 <= length; done += 32) {
      const from = PLANES + (done >> 1)
      const a = v128.load(from)
      const b = v128.load(from + slot)
      v128.store(RAW + done, i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23))
      v128.store(RAW + done, i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), 16)
    }
  } else if (stride == 4) {
    for (; done + 64 <= length; done += 64) {
      const from = PLANES + (done >> 2)
      const p = v128.load(from)
      const q = v128.load(from + slot)
      const r = v128.load(from + 2 * slot)
      const s = v128.load(from + 3 * slot)
      const pq = i32x4.shuffle(p, q, 0, 4, 1, 5)
      const rs = i32x4.shuffle(r, s, 0, 4, 1, 5)
      const pqHigh = i32x4.shuffle(p, q, 2, 6, 3, 7)
      const rsHigh = i32x4.shuffle(r, s, 2, 6, 3, 7)
      v128.store(RAW + done, gather4(i64x2.shuffle(pq, rs, 0, 2)))
      v128.store(RAW + done, gather4(i64x2.shuffle(pq, rs, 1, 3)), 16)
      v128.store(RAW + done, gather4(i64x2.shuffle(pqHigh, rsHigh, 0, 2)), 32)
      v128.store(RAW + done, gather4(i64x2.shuffle(pqHigh, rsHigh, 1, 3)), 48)
    }
  } else {
    for (; done + 128 <= length; done += 128) joinEight(PLANES + (done >> 3), slot, RAW + done)
  }
  for (; done < length; done++) {
    store<u8>(RAW + done, load<u8>(PLANES + slot * (done & (stride - 1)) + done / stride))
  }
}

/** Sixteen groups of eight bytes. */
function splitEight(from: usize, to: usize, slot: usize): void {
  loadLanes(from, 16)
  a = pairBytes(a)
  b = pairBytes(b)
  c = pairBytes(c)
  d = pairBytes(d)
  e = pairBytes(e)
  f = pairBytes(f)
  g = pairBytes(g)
  h = pairBytes(h)
  transposePairs()
  storeLanes(to, slot)
}

function joinEight(from: usize, slot: usize, to: usize): void {
  loadLanes(from, slot)
  transposePairs()
  a = unpairBytes(a)
  b = unpairBytes(b)
  c = unpairBytes(c)
  d = unpairBytes(d)
  e = unpairBytes(e)
  f = unpairBytes(f)
  g = unpairBytes(g)
  h = unpairBytes(h)
  storeLanes(to, 16)
}

let a: v128 = i64x2.splat(0)
let b: v128 = i64x2.splat(0)
let c: v128 = i64x2.splat(0)
let d: v128 = i64x2.splat(0)
let e: v128 = i64x2.splat(0)
let f: v128 = i64x2.splat(0)
let g: v128 = i64x2.splat(0)
let h: v128 = i64x2.splat(0)

function loadLanes(from: usize, step: usize): void {
  a = v128.load(from)
  b = v128.load(from + step)
  c = v128.load(from + 2 * step)
  d = v128.load(from + 3 * step)
  e = v128.load(from + 4 * step)
  f = v128.load(from + 5 * step)
  g = v128.load(from + 6 * step)
  h = v128.load(from + 7 * step)
}

function storeLanes(to: usize, step: usize): void {
  v128.store(to, a)
  v128.store(to + step, b)
  v128.store(to + 2 * step, c)
  v128.store(to + 3 * step, d)
  v128.store(to + 4 * step, e)
  v128.store(to + 5 * step, f)
  v128.store(to + 6 * step, g)
  v128.store(to + 7 * step, h)
}

/** Two groups of eight bytes become eight pairs of bytes of one plane. */
// @ts-ignore: decorator
@inline
function pairBytes(groups: v128): v128 {
  return i8x16.shuffle(groups, groups, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15)
}

// @ts-ignore: decorator
@inline
function unpairBytes(pairs: v128): v128 {
  return i8x16.shuffle(pairs, pairs, 0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15)
}

// @ts-ignore: decorator
@inline
function low(x: v128, y: v128): v128 {
  return i16x8.shuffle(x, y, 0, 8, 1, 9, 2, 10, 3, 11)
}

// @ts-ignore: decorator
@inline
function high(x: v128, y: v128): v128 {
  return i16x8.shuffle(x, y, 4, 12, 5, 13, 6, 14, 7, 15)
}

/** Pair `j` of lane `i` becomes pair `i` of lane `j`: three perfect shuffles of 64 pairs. */
function transposePairs(): void {
  for (let round = 0; round < 3; round++) {
    const p = a
    const q = b
    const r = c
    const s = d
    a = low(p, e)
    b = high(p, e)
    c = low(q, f)
    d = high(q, f)
    const t = g
    e = low(r, t)
    f = high(r, t)
    const u = h
    g = low(s, u)
    h = high(s, u)
  }
}
