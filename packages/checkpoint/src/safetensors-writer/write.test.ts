import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isArtError } from '@art/core'
import { readSafetensors } from '../format/safetensors/safetensors.ts'
import type { Tensor } from '../model-file.ts'
import { measureAll } from '../measure/measure.ts'
import { bytesSource } from '../source/bytes.ts'
import { safetensorsOf, storageOf, tensor } from '../temporary-model.ts'
import { type SafetensorsOptions, safetensorsFile } from './write.ts'

async function bytesOf(tensors: readonly Tensor[], options?: SafetensorsOptions): Promise<Buffer> {
  const file = safetensorsFile(tensors, options)
  const parts: Uint8Array[] = []
  for await (const part of file.write()) parts.push(Uint8Array.from(part))
  const bytes = Buffer.concat(parts)
  expect(bytes.length).toBe(file.size)
  return bytes
}

const named = (tensors: Parameters<typeof safetensorsOf>[0]) => safetensorsOf(tensors).tensors

const hashes = async (tensors: readonly Tensor[]) =>
  (await measureAll(tensors, { sha256: true, statistics: false })).map((one) => one!.sha256)

function problemOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (isArtError(error)) return `${error.code} ${error.path}: ${error.message}`
    throw error
  }
  return 'none'
}

describe('a safetensors file', () => {
  it('that the reference library wrote is written again as it was', async () => {
    for (const name of ['numpy', 'small-floats', 'nothing']) {
      const path = fileURLToPath(
        new URL(`../../../../test/data/models/safetensors/${name}.safetensors`, import.meta.url),
      )
      const bytes = readFileSync(path)
      const file = await readSafetensors(bytesSource(path, bytes))
      const again = await bytesOf(file.tensors, { metadata: file.metadata as ReadonlyMap<string, string> })
      if (file.metadata.size < 2) expect(again.equals(bytes), name).toBe(true)
      // The library orders metadata by chance; all else is as it was.
      const withoutMetadata = (data: Buffer) => data.toString('latin1').replace(/"__metadata__":\{[^}]*\}/, '')
      expect(withoutMetadata(again) === withoutMetadata(bytes), name).toBe(true)
    }
  })

  it('gives back names, shapes and payloads, whatever they are', async () => {
    const shape = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 })
    const dtype = fc.constantFrom('float32', 'float64', 'bfloat16', 'int64', 'int8', 'bool', 'complex64', 'float8_e5m2')
    const given = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.tuple(dtype, shape), { maxKeys: 8 })
    const metadata = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), { maxKeys: 4 })
    const property = fc.asyncProperty(given, metadata, async (drawn, texts) => {
      const tensors = named(
        Object.fromEntries(
          Object.entries(drawn)
            .filter(([name]) => name !== '__metadata__')
            .map(([name, [type, size]]) => [
              name,
              tensor({ dtype: type, shape: size, bits: new Uint8Array(10_000).map((_, i) => i * 7) }),
            ]),
        ),
      )
      const bytes = await bytesOf(tensors, { metadata: new Map(Object.entries(texts)) })
      const file = await readSafetensors(bytesSource('written', bytes))
      const facts = (list: readonly Tensor[]) => list.map((one) => [one.name, one.dtype, one.shape])
      const sorted = file.tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1))
      const wanted = tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1))
      expect(facts(sorted)).toEqual(facts(wanted))
      expect(await hashes(sorted)).toEqual(await hashes(wanted))
      expect(new Map(file.metadata)).toEqual(new Map(Object.entries(texts)))
      expect(
        (await bytesOf(tensors.toReversed(), { metadata: new Map(Object.entries(texts).toReversed()) })).equals(bytes),
      ).toBe(true)
    })
    await fc.assert(property, { numRuns: 100 })
  })

  it('holds values: contiguous, little-endian, signs resolved', async () => {
    const pair = storageOf(new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer))
    const big = storageOf(Uint8Array.of(0x3f, 0x80, 0, 0), { bigEndian: true })
    const bytes = await bytesOf(
      named({
        conj: tensor({ dtype: 'complex64', shape: [2], storage: pair, conjugated: true }),
        neg: tensor({ shape: [2], storage: pair, negated: true }),
        turned: tensor({ shape: [2, 2], storage: pair, strides: [1, 2] }),
        big: tensor({ shape: [], storage: big }),
      }),
    )
    const file = await readSafetensors(bytesSource('written', bytes))
    const values = (name: string) => {
      const { storage, bytes: length } = file.tensors.find((one) => one.name === name)!
      return [...new Float32Array(Uint8Array.from(bytes.subarray(storage!.offset, storage!.offset + length)).buffer)]
    }
    expect(values('conj')).toEqual([1, -2, 3, -4])
    expect(values('neg')).toEqual([-1, -2])
    expect(values('turned')).toEqual([1, 3, 2, 4])
    expect(values('big')).toEqual([1])
  })

  it('names the tensor that it cannot hold, before a byte is written', () => {
    const cases: [Record<string, ReturnType<typeof tensor>>, string][] = [
      [{ a: tensor({ dtype: 'complex128' }) }, 'UNSUPPORTED a: safetensors has no dtype complex128'],
      [
        { q: tensor({ dtype: 'qint8', layout: 'quantized' }) },
        'UNSUPPORTED q: safetensors holds dense tensors only, and this is quantized',
      ],
      [
        { 's.values': tensor({ layout: 'sparse_coo' }) },
        'UNSUPPORTED s.values: safetensors holds dense tensors only, and this is sparse_coo',
      ],
      [
        { m: { kind: 'tensor', tensor: { ...tensor().tensor, storage: undefined } } },
        'UNSUPPORTED m: the tensor has no data: it was saved from the meta device',
      ],
      [{ __metadata__: tensor() }, 'UNSUPPORTED __metadata__: safetensors cannot hold a tensor of that name'],
      [{ '\ud800': tensor() }, 'UNSUPPORTED \ud800: safetensors cannot hold a tensor of that name'],
    ]
    for (const [tensors, problem] of cases) expect(problemOf(() => safetensorsFile(named(tensors)))).toBe(problem)
    const twice = [...named({ a: tensor() }), ...named({ a: tensor() })]
    expect(problemOf(() => safetensorsFile(twice))).toBe('UNSUPPORTED a: two tensors have that name')
  })

  it('of shared weights has each by name, or one and the names of the others', async () => {
    const storage = storageOf(new Uint8Array(16))
    const tensors = named({
      b: tensor({ shape: [4], storage }),
      a: tensor({ shape: [4], storage }),
      view: tensor({ shape: [2], storage }),
    })
    const stale = new Map([
      ['b', 'a'],
      ['note', 'x'],
    ])
    const copies = await readSafetensors(bytesSource('written', await bytesOf(tensors, { metadata: stale })))
    expect(copies.tensors.map(({ name }) => name)).toEqual(['a', 'b', 'view'])
    expect([...copies.metadata]).toEqual([
      ['b', 'a'],
      ['note', 'x'],
    ])
    const aliased = await readSafetensors(bytesSource('written', await bytesOf(tensors, { shared: 'alias' })))
    expect([aliased.tensors.map(({ name }) => name), [...aliased.metadata]]).toEqual([['a', 'view'], [['b', 'a']]])
  })
})
