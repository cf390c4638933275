import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesSource } from '../source/bytes.ts'
import type { Tensor } from '../model-file.ts'
import { countingSource } from '../source/counting.ts'
import { boxesOf } from './box.ts'
import { boxesOfView, readBox, runNow, runWith } from './read.ts'
import { type View, viewOf } from './view.ts'

type Given = Omit<Tensor, 'name'>

function tensorOf(given: Partial<Given> & { dtype: string; shape: number[] }, bytes: Uint8Array, width: number): Given {
  const elements = given.shape.reduce((product, size) => product * size, 1)
  const storage = { source: bytesSource('data', bytes), offset: 0, length: bytes.length, bigEndian: false }
  return { elements, bytes: elements * width, storage, offset: 0, ...given }
}

function payload(view: View, bytes: Uint8Array): Buffer {
  const parts: Uint8Array[] = []
  const scratch = { bytes: new Uint8Array(0) }
  const read = ({ offset, length }: { offset: number; length: number }) => {
    expect(offset >= 0 && offset + length <= bytes.length).toBe(true)
    return bytes.subarray(offset, offset + length)
  }
  for (const box of boxesOfView(view)) parts.push(Uint8Array.from(runNow(readBox(view, box, scratch), read)))
  return Buffer.concat(parts)
}

/** Element by element, as the definition of strides says. */
function slowPayload(shape: number[], strides: number[], offset: number, width: number, bytes: Uint8Array): Buffer {
  const out = Buffer.alloc(shape.reduce((product, size) => product * size, width))
  let at = 0
  const walk = (dimension: number, place: number) => {
    if (dimension === shape.length) {
      for (let i = 0; i < width; i++) out[at++] = bytes[place * width + i]!
    } else for (let i = 0; i < shape[dimension]!; i++) walk(dimension + 1, place + i * strides[dimension]!)
  }
  walk(0, offset)
  return out
}

function patterned(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = i * 37 + (i >> 8) * 11
  return bytes
}

const shapes = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 5 })

describe('boxes', () => {
  it('cover a shape once, in order, none larger than asked', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 400 }), (shape, most) => {
        let next = 0
        for (const { first, elements, start, size } of boxesOf(shape, most)) {
          expect(first).toBe(next)
          expect(elements).toBeLessThanOrEqual(most)
          expect(size.reduce((product, n) => product * n, 1)).toBe(elements)
          expect(start.reduce((at, index, i) => at * shape[i]! + index, 0)).toBe(first)
          next += elements
        }
        expect(next).toBe(shape.reduce((product, n) => product * n, 1))
      }),
    )
    expect([...boxesOf([3, 0], 5)]).toEqual([])
  })
})

describe('a view of a storage', () => {
  it('is read as its strides say, whatever they are', () => {
    const strided = shapes.chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        strides: fc.tuple(...shape.map(() => fc.integer({ min: 0, max: 30 }))),
        offset: fc.nat(5),
        width: fc.constantFrom(1, 2, 4, 8, 16),
        shift: fc.constantFrom(0, 1),
      }),
    )
    fc.assert(
      fc.property(strided, ({ shape, strides, offset, width, shift }) => {
        const reach = shape.reduce((sum, size, i) => sum + (size - 1) * strides[i]!, offset + 1)
        const bytes = Buffer.from(patterned(reach * width + shift).buffer, shift)
        const dtype = width === 16 ? 'complex128' : 'float'
        const view = viewOf(tensorOf({ dtype, shape, strides, offset }, bytes, width), 'x')
        expect(payload(view, bytes).equals(slowPayload(shape, strides, offset, width, bytes))).toBe(true)
      }),
    )
  })

  it('of a transposed matrix, of a column, and of one with gaps costs few reads and little memory', async () => {
    const bytes = patterned(36 << 20)
    const counted = countingSource(bytesSource('data', bytes))
    const scratch = { bytes: new Uint8Array(0) }
    const cases = [
      { shape: [3000, 3000], strides: [1, 3000], offset: 0, reads: 6100 },
      { shape: [9000], strides: [1000], offset: 1, reads: 600 },
      { shape: [2250000], strides: [4], offset: 3, reads: 3 },
      { shape: [64, 16, 7, 7], strides: [784, 1, 112, 16], offset: 0, reads: 1 },
    ]
    for (const { reads, ...given } of cases) {
      const tensor = tensorOf({ dtype: 'float32', ...given }, bytes, 4)
      const view = viewOf(tensor, 'x')
      const before = counted.reads
      const parts: Uint8Array[] = []
      for (const box of boxesOfView(view)) {
        const part = await runWith(readBox(view, box, scratch), { source: counted, offset: 0 })
        parts.push(Uint8Array.from(part))
      }
      const expected = slowPayload(given.shape, given.strides, given.offset, 4, bytes)
      expect(Buffer.concat(parts).equals(expected), given.shape.join()).toBe(true)
      expect(counted.reads - before).toBeLessThanOrEqual(reads)
      expect(scratch.bytes.length).toBeLessThanOrEqual(16 << 20)
    }
  })

  it('is little-endian and has its signs resolved, and leaves the bytes of its source alone', () => {
    const halves = Uint8Array.of(0x3c, 0x00, 0xc0, 0x01)
    const big = tensorOf({ dtype: 'float16', shape: [2] }, halves, 2)
    const swapped = viewOf({ ...big, storage: { ...big.storage!, bigEndian: true } }, 'x')
    expect([...payload(swapped, halves)]).toEqual([0x00, 0x3c, 0x01, 0xc0])
    expect([...halves]).toEqual([0x3c, 0x00, 0xc0, 0x01])

    const pair = new Uint8Array(Float32Array.of(1, -2, 3, 4).buffer)
    const complex = tensorOf({ dtype: 'complex64', shape: [2] }, pair, 8)
    const values = (given: Given) => [...new Float32Array(Uint8Array.from(payload(viewOf(given, 'x'), pair)).buffer)]
    expect(values({ ...complex, conjugated: true })).toEqual([1, 2, 3, -4])
    expect(values({ ...complex, negated: true })).toEqual([-1, 2, -3, -4])
    expect(values({ ...complex, conjugated: true, negated: true })).toEqual([-1, -2, -3, 4])
    const real = tensorOf({ dtype: 'float32', shape: [4] }, pair, 4)
    expect(values({ ...real, negated: true, conjugated: true })).toEqual([-1, 2, -3, -4])
    const wide = tensorOf({ dtype: 'complex128', shape: [1] }, patterned(16), 16)
    const wideView = viewOf({ ...wide, storage: { ...wide.storage!, bigEndian: true } }, 'x')
    const bytes = [...patterned(16)]
    expect([...payload(wideView, patterned(16))]).toEqual([...bytes.slice(0, 8).reverse(), ...bytes.slice(8).reverse()])
  })

  it('of blocks, of half bytes and of nothing is one of bytes', () => {
    const bytes = patterned(18)
    const blocks = { ...tensorOf({ dtype: 'q4_0', shape: [32] }, bytes, 1), bytes: 18 }
    expect(payload(viewOf(blocks, 'x'), bytes).equals(bytes)).toBe(true)
    const empty = tensorOf({ dtype: 'float32', shape: [3, 0], strides: [1, 1] }, new Uint8Array(0), 4)
    expect(payload(viewOf(empty, 'x'), new Uint8Array(0)).length).toBe(0)
  })

  it('that leaves its storage, has none, or a sign that cannot be resolved is refused', () => {
    const bytes = patterned(16)
    const fine = tensorOf({ dtype: 'float32', shape: [4] }, bytes, 4)
    const code = (change: Partial<Given>) => {
      try {
        viewOf({ ...fine, ...change }, 'x')
        return 'none'
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    expect(code({})).toBe('none')
    expect(code({ offset: 1 })).toBe('CORRUPT')
    expect(code({ offset: -1 })).toBe('CORRUPT')
    expect(code({ strides: [2] })).toBe('CORRUPT')
    expect(code({ strides: [-1], offset: 3 })).toBe('CORRUPT')
    expect(code({ strides: [Number.NaN] })).toBe('CORRUPT')
    expect(code({ shape: [2 ** 53], elements: 2 ** 53, bytes: 2 ** 55 })).toBe('CORRUPT')
    expect(code({ elements: 3, bytes: 17 })).toBe('CORRUPT')
    expect(code({ dtype: 'int32', negated: true })).toBe('UNSUPPORTED')
    expect(code({ storage: undefined })).toBe('UNSUPPORTED')
  })
})
