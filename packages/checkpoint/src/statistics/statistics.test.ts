import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAccumulator } from './accumulate.ts'
import { type Moments, NO_MOMENTS, type Statistics, statisticsOf, unite } from './moments.ts'
import { numbersOf } from './numbers.ts'
import { SMALL_FLOATS, smallFloat } from './small-floats.ts'

interface Case extends Statistics {
  name: string
  dtype: string
  elements: number
  payload: string
}

const file = new URL('../../../../test/data/statistics/statistics.json', import.meta.url)
const torch = JSON.parse(readFileSync(file, 'utf8')) as {
  cases: Case[]
  tables: Record<string, (number | string)[]>
  sums: Record<string, [number, number, number]>
}

/** In pieces of `step` elements, each range of `range` elements by itself. */
function momentsIn(dtype: string, bytes: Uint8Array, step: number, range: number): Moments {
  const numbers = numbersOf(dtype)!
  const elements = bytes.length / numbers.bytes
  let moments = NO_MOMENTS
  for (let from = 0; from < elements; from += range) {
    const to = Math.min(from + range, elements)
    const accumulator = createAccumulator(numbers, to - from)
    for (let at = from; at < to; at += step)
      accumulator.take(bytes.subarray(at * numbers.bytes, Math.min(at + step, to) * numbers.bytes))
    moments = unite(moments, accumulator.finish())
  }
  return moments
}

function statistics(dtype: string, bytes: Uint8Array, step = 1 << 20, range = 1 << 20): Statistics {
  return statisticsOf(momentsIn(dtype, bytes, step, range))
}

function expectClose(found: number | undefined, wanted: number | string | null | undefined, what: string): void {
  const value = wanted === null || wanted === undefined ? undefined : Number(wanted)
  if (value === undefined || !Number.isFinite(value) || value === 0) expect(found, what).toBe(value)
  else expect(Math.abs((found! - value) / value), what).toBeLessThan(1e-9)
}

describe('statistics', () => {
  it('are what torch says, for every dtype', () => {
    for (const given of torch.cases) {
      const { name, dtype, mean, std, min, max, nan, infinite } = given
      const bytes = Buffer.from(given.payload, 'base64')
      const what = `${name} of ${dtype}`
      for (const found of [statistics(dtype, bytes), statistics(dtype, bytes, 7), statistics(dtype, bytes, 100, 333)]) {
        expectClose(found.mean, mean, `${what}: mean`)
        expectClose(found.std, std, `${what}: std`)
        expectClose(found.min, min, `${what}: min`)
        expectClose(found.max, max, `${what}: max`)
        expect([found.nan, found.infinite], what).toEqual([nan, infinite])
      }
    }
    expect(new Set(torch.cases.map(({ dtype }) => dtype)).size).toBeGreaterThanOrEqual(19)
  })

  it('of small floating-point numbers know every pattern as torch does', () => {
    for (const [dtype, values] of Object.entries(torch.tables)) {
      expect([...numbersOf(dtype)!.table!()], dtype).toEqual(values.map(Number))
    }
    for (const [dtype, [mantissas, exponents, count]] of Object.entries(torch.sums)) {
      const finite = [...numbersOf(dtype)!.table!()].filter(Number.isFinite)
      expect(finite.length).toBe(count)
      const sums = finite.reduce<[number, number]>(
        ([m, e], value, i) => {
          const exponent = value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value)) + 1e-12) + 1
          return [m + (value / 2 ** exponent) * 2048 * (i + 1), e + exponent * (i + 1)]
        },
        [0, 0],
      )
      expect(sums, dtype).toEqual([mantissas, exponents])
    }
    expect(smallFloat(0x8000, SMALL_FLOATS.float16!)).toBe(-0)
  })

  it('are exact to twelve digits, however the payload is cut and wherever its mean lies', () => {
    const whole = fc.record({
      offset: fc.integer({ min: -(2 ** 21), max: 2 ** 21 }),
      drawn: fc.array(fc.integer({ min: -300, max: 300 }), { minLength: 2, maxLength: 60 }),
      repeat: fc.integer({ min: 1, max: 400 }),
      step: fc.integer({ min: 1, max: 5000 }),
      dtype: fc.constantFrom('float32', 'int32', 'float64', 'int64'),
    })
    fc.assert(
      fc.property(whole, ({ offset, drawn, repeat, step, dtype }) => {
        const values = Array.from({ length: repeat }, () => drawn.map((x) => offset + x)).flat()
        const n = BigInt(values.length)
        const sum = values.reduce((total, x) => total + BigInt(x), 0n)
        const squares = values.reduce((total, x) => total + BigInt(x) ** 2n, 0n)
        const variance = Number(n * squares - sum * sum) / Number(n * (n - 1n))
        const found = statistics(dtype, bytesOf(dtype, values), step, 10_000)
        expect(Math.abs(found.mean! - Number(sum) / Number(n))).toBeLessThanOrEqual(1e-12 * Math.abs(found.mean!))
        expect(Math.abs(found.std! - Math.sqrt(variance))).toBeLessThanOrEqual(1e-12 * Math.sqrt(variance))
        expect([found.min, found.max]).toEqual([Math.min(...values) + 0, Math.max(...values) + 0])
      }),
      { numRuns: 50 },
    )
  })

  it('do not depend on the pieces that a payload comes in', () => {
    const drawn = fc.uint8Array({ minLength: 64, maxLength: 4000 })
    const dtypes = ['float32', 'float64', 'bfloat16', 'float16', 'float8_e5m2', 'int64', 'complex64']
    fc.assert(
      fc.property(drawn, fc.constantFrom(...dtypes), fc.integer({ min: 1, max: 300 }), (some, dtype, step) => {
        const bytes = Buffer.concat(Array.from({ length: 20 }, () => some.subarray(0, some.length & ~15)))
        expect(momentsIn(dtype, bytes, step, 1 << 20)).toEqual(momentsIn(dtype, bytes, 1 << 20, 1 << 20))
        const shifted = Buffer.concat([Buffer.of(1), bytes]).subarray(1)
        expect(momentsIn(dtype, shifted, step, 1 << 20)).toEqual(momentsIn(dtype, bytes, 1 << 20, 1 << 20))
      }),
      { numRuns: 60 },
    )
  })

  it('of many numbers of two bytes are counted by their patterns, with the same result', () => {
    const words = Uint16Array.from({ length: 100_000 }, (_, i) => (i * 40_503) & 0xffff)
    const bytes = new Uint8Array(words.buffer)
    const counted = statistics('bfloat16', bytes)
    const looked = statistics('bfloat16', bytes, 1000, 50_000)
    expect([counted.nan, counted.infinite, counted.min, counted.max]).toEqual([
      looked.nan,
      looked.infinite,
      looked.min,
      looked.max,
    ])
    expectClose(counted.std, looked.std, 'std')
  })

  it('of blocks and unknown dtypes there are none, and of numbers whose sum is too large there are', () => {
    for (const dtype of ['q4_k', 'float4_e2m1fn_x2', 'toString', '__proto__', ''])
      expect(numbersOf(dtype)).toBeUndefined()
    const huge = statistics('float64', bytesOf('float64', [1e308, 1e308, 1e308]))
    expect(huge).toMatchObject({ mean: Number.POSITIVE_INFINITY, min: 1e308, max: 1e308, nan: 0, infinite: 0 })
    expect(statistics('float32', bytesOf('float32', [-0, 0]))).toEqual({
      mean: 0,
      std: 0,
      min: 0,
      max: 0,
      nan: 0,
      infinite: 0,
    })
  })
})

function bytesOf(dtype: string, values: number[]): Uint8Array {
  const array =
    dtype === 'float32'
      ? Float32Array.from(values)
      : dtype === 'float64'
        ? Float64Array.from(values)
        : dtype === 'int32'
          ? Int32Array.from(values)
          : BigInt64Array.from(values, BigInt)
  return new Uint8Array(array.buffer)
}
