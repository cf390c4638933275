import { inflateRawSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHUNK_MAX } from '../chunk/chunker.ts'
import { loadChunk } from './kernel.ts'
import { deflatePlane, inflatePlane, joinPlanes, planeOf, splitPlanes, stored } from './planes.ts'

const STRIDES = [1, 2, 4, 8]

function load(raw: Uint8Array, stride: number): void {
  loadChunk(raw)
  splitPlanes(raw.length, stride)
}

describe('planes', () => {
  it('hold every n-th byte, and make the chunk again', () => {
    fc.assert(
      fc.property(fc.constantFrom(...STRIDES), fc.uint8Array({ maxLength: 1000 }), (stride, raw) => {
        load(raw, stride)
        for (let plane = 0; plane < stride; plane++)
          expect([...planeOf(raw.length, stride, plane)]).toEqual(
            Array.from(raw).filter((_, i) => i % stride === plane),
          )
        const back = new Uint8Array(raw.length)
        joinPlanes(back, stride)
        expect(back).toEqual(raw)
      }),
    )
  })

  it('of the largest chunk stay apart', () => {
    const raw = Uint8Array.from({ length: CHUNK_MAX }, (_, i) => (i * 2654435761) >>> 24)
    for (const stride of STRIDES) {
      load(raw, stride)
      const back = new Uint8Array(raw.length)
      joinPlanes(back, stride)
      expect(Buffer.compare(back, raw)).toBe(0)
    }
  })
})

/** Bytes as rare as `base ** -byte`: the more, the longer Huffman's codes would get. */
function skewed(length: number, base: number, symbols: number): Uint8Array {
  let state = 7
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fff_ffff
    return Math.min(symbols - 1, Math.floor(-Math.log((state + 1) / 0x8000_0000) / Math.log(base)))
  })
}

describe('deflate without matches', () => {
  const deflated = (bytes: Uint8Array): { plane: Buffer; length: number } => {
    load(bytes, 1)
    const plane = planeOf(bytes.length, 1, 0)
    return { plane, length: deflatePlane(plane, 0) }
  }

  it('is read by zlib and by its own reader, whatever the frequencies are', () => {
    for (const base of [1.01, 1.2, 1.618, 2, 10]) {
      for (const symbols of [2, 3, 19, 200, 256]) {
        for (const size of [300, 511, 4096, 65_521, CHUNK_MAX]) {
          const bytes = skewed(size, base, symbols)
          const { plane, length } = deflated(bytes)
          if (length === 0) continue
          expect(length).toBeLessThan(size)
          expect(Buffer.compare(inflateRawSync(stored.subarray(0, length)), bytes)).toBe(0)
          plane.fill(0)
          expect(inflatePlane(0, length, plane)).toBe(true)
          expect(Buffer.compare(plane, bytes)).toBe(0)
        }
      }
    }
  })

  it('does not write what would not be shorter', () => {
    expect(deflated(Uint8Array.from({ length: 4096 }, (_, i) => i)).length).toBe(0)
    expect(deflated(new Uint8Array(100)).length).toBe(0)
    expect(deflated(new Uint8Array(0)).length).toBe(0)
  })

  it('of a cut or flipped stream is refused or inflates to other bytes, and writes nowhere else', () => {
    const bytes = skewed(3000, 1.5, 64)
    const { plane, length } = deflated(bytes)
    const good = Buffer.from(stored.subarray(0, length))
    fc.assert(
      fc.property(fc.nat(length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        good.copy(stored)
        expect(inflatePlane(0, at, plane)).toBe(false)
        stored[at]! ^= flip
        const behind = Buffer.from(planeOf(CHUNK_MAX, 1, 0).subarray(3000))
        inflatePlane(0, length, plane)
        expect(Buffer.compare(planeOf(CHUNK_MAX, 1, 0).subarray(3000), behind)).toBe(0)
      }),
      { numRuns: 2000 },
    )
    good.copy(stored)
    expect(inflatePlane(0, length, plane.subarray(0, 2999))).toBe(false)
    expect(inflatePlane(0, length, planeOf(3001, 1, 0))).toBe(false)
  })
})
