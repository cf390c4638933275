import { constants, deflateRawSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isArtError } from '../error.ts'
import { sha256 } from '../oid.ts'
import { decodeChunk, decodeChunkInto, encodeChunk } from './codec.ts'

const CHUNK = 64 << 10

let state = 1
/** The same numbers on every machine: mulberry32. */
function random(): number {
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

function normal(): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

const weights = Float32Array.from({ length: CHUNK * 2 }, () => normal() * 0.02)
const words = new Uint32Array(weights.buffer)

/** Nearest half below; smaller values become zero. */
function half(word: number): number {
  const exponent = ((word >>> 23) & 0xff) - 112
  const sign = (word >>> 16) & 0x8000
  return exponent <= 0 ? sign : sign | (exponent << 10) | ((word >>> 13) & 0x3ff)
}

const kinds = {
  fp32: { data: bytesOf(weights), atMost: 0.85 },
  bf16: { data: bytesOf(Uint16Array.from(words, (word) => word >>> 16)), atMost: 0.68 },
  fp16: { data: bytesOf(Uint16Array.from(words, half)), atMost: 0.86 },
  'bf16 held in fp32': { data: bytesOf(words.map((word) => (word & 0xffff0000) >>> 0)), atMost: 0.41 },
  'Adam m': { data: bytesOf(weights.map((value) => value * Math.abs(normal()) * 1e-3)), atMost: 0.87 },
  'Adam v': { data: bytesOf(weights.map((value) => value * value * 1e-3)), atMost: 0.85 },
  'int64 token ids': {
    data: bytesOf(BigInt64Array.from({ length: CHUNK }, () => BigInt(Math.floor(random() * 50_000)))),
    atMost: 0.27,
  },
  text: {
    data: Buffer.from(
      Array.from({ length: 8000 }, (_, i) => `${i},image-${Math.floor(random() * 1e6)}.jpg,train\n`).join(''),
    ),
    atMost: 0.4,
  },
  zeros: { data: Buffer.alloc(CHUNK), atMost: 0.001 },
}

function bytesOf(array: ArrayBufferView): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength)
}

function chunksOf(data: Buffer, from: number): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = from; at < data.length; at += CHUNK) chunks.push(data.subarray(at, at + CHUNK))
  return chunks
}

/** Stored bytes of a chunk that comes back as it was. */
function storedLength(raw: Uint8Array): number {
  const { scheme, bytes } = encodeChunk(raw)
  expect(Buffer.compare(decodeChunk(scheme, bytes, raw.length), raw)).toBe(0)
  return bytes.length
}

describe('stored sizes', () => {
  for (const [name, { data, atMost }] of Object.entries(kinds)) {
    it(`${name}: at most ${atMost * 100} %, wherever the chunks start`, () => {
      for (const from of [0, 3]) {
        const stored = chunksOf(data, from).reduce((sum, chunk) => sum + storedLength(chunk), 0)
        expect(stored / (data.length - from)).toBeLessThanOrEqual(atMost)
      }
    })
  }

  it('noise is stored as it is', () => {
    const noise = Buffer.concat(Array.from({ length: 2048 }, (_, i) => sha256(Buffer.from(`${i}`))))
    const { scheme, bytes } = encodeChunk(noise)
    expect(scheme).toBe(0)
    expect(bytes).toBe(noise)
  })
})

const anything = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  fc.array(fc.nat(5), { maxLength: 5000 }).map((bytes) => Uint8Array.from(bytes)),
  fc.tuple(fc.nat(255), fc.nat(5000)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
  fc
    .tuple(fc.constantFrom(...Object.values(kinds)), fc.nat(20_000), fc.nat(20_000))
    .map(([{ data }, from, length]) => data.subarray(from, from + length)),
)

/** The bytes, or the code of the error. */
function attempt(scheme: number, stored: Uint8Array, rawLength: number): Uint8Array | string {
  try {
    return decodeChunk(scheme, stored, rawLength)
  } catch (error) {
    if (isArtError(error)) return error.code
    throw error
  }
}

describe('codec', () => {
  it('gives back what it was given', () => {
    fc.assert(
      fc.property(anything, (raw) => {
        expect(storedLength(raw)).toBeLessThanOrEqual(raw.length)
      }),
      { numRuns: 300 },
    )
  })

  it('refuses a chunk that is cut off', () => {
    for (const { data } of Object.values(kinds)) {
      const raw = data.subarray(0, 5000)
      const { scheme, bytes } = encodeChunk(raw)
      expect(scheme).not.toBe(0)
      for (let length = 0; length < bytes.length; length += 1 + (length >> 4)) {
        expect(attempt(scheme, bytes.subarray(0, length), raw.length)).toBe('CORRUPT')
      }
    }
  })

  it('answers damage with an error or with other bytes of the same length, which a chunk id tells apart', () => {
    fc.assert(
      fc.property(anything, fc.nat(), fc.integer({ min: 1, max: 255 }), (raw, place, flip) => {
        const { scheme, bytes } = encodeChunk(raw)
        fc.pre(bytes.length > 0)
        const damaged = Uint8Array.from(bytes)
        damaged[place % damaged.length]! ^= flip
        const found = attempt(scheme, damaged, raw.length)
        expect(['CORRUPT', 'UNSUPPORTED', raw.length]).toContain(typeof found === 'string' ? found : found.length)
      }),
      { numRuns: 300 },
    )
  })

  it('never makes more than the declared size', () => {
    const bomb = deflateRawSync(Buffer.alloc(10 << 20))
    expect(attempt(1, bomb, 1000)).toBe('CORRUPT')
    const head = Buffer.from([0, 0, 0, 1])
    head.writeUIntLE(bomb.length, 0, 3)
    expect(attempt(0x10, Buffer.concat([head, bomb]), 1000)).toBe('CORRUPT')
  })

  it('refuses any bytes without an accident', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1, 0x10, 0x11, 0x12, 0x13),
        fc.uint8Array({ maxLength: 200 }),
        fc.nat(300),
        (scheme, stored, length) => {
          attempt(scheme, stored, length)
        },
      ),
    )
    expect(attempt(2, Buffer.alloc(4), 4)).toBe('UNSUPPORTED')
    expect(attempt(0x14, Buffer.alloc(4), 4)).toBe('UNSUPPORTED')
    expect(attempt(0x10, Buffer.from([0, 0, 0, 3]), 0)).toBe('UNSUPPORTED')
  })

  it('reads planes that another writer deflated in another way', () => {
    const raw = kinds.bf16.data.subarray(0, 20_001)
    for (const strategy of [
      constants.Z_HUFFMAN_ONLY,
      constants.Z_RLE,
      constants.Z_FIXED,
      constants.Z_DEFAULT_STRATEGY,
    ]) {
      const planes = [0, 1].map((plane) =>
        deflateRawSync(
          raw.filter((_, i) => i % 2 === plane),
          { strategy },
        ),
      )
      const heads = Buffer.alloc(8)
      planes.forEach((plane, i) => heads.writeUInt32LE((1 << 24) | plane.length, i * 4))
      expect(decodeChunk(0x11, Buffer.concat([heads, ...planes]), raw.length)).toEqual(raw)
    }
  })

  it('decodes the examples of docs/formats.md', () => {
    const examples: [number, string, string][] = [
      [0, '616263', '616263'],
      [1, '4b4c4a4e4944c200', '61626364616263646162636461626364'],
      [0x11, '03000000010000020102037f', '017f027f037f'],
    ]
    for (const [scheme, stored, raw] of examples) {
      const target = Buffer.alloc(raw.length / 2)
      decodeChunkInto(scheme, Buffer.from(stored, 'hex'), target)
      expect(target.toString('hex')).toBe(raw)
    }
  })
})
