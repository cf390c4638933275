import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPool } from '@art/core/worker/pool.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Storage, Tensor } from '../model-file.ts'
import { bytesSource } from '../source/bytes.ts'
import { jobs } from '../worker/jobs.ts'
import { measureAll } from './measure.ts'
import { createPlanner } from './plan.ts'

const BOTH = { sha256: true, statistics: true }

let folder: string
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'art-measure-'))))
afterAll(() => rmSync(folder, { recursive: true }))

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Where a reader would say the bytes of a file are, from `start`. */
function storageOf(bytes: Uint8Array, start: number, file?: string): Storage {
  const place = { offset: start, ...(file === undefined ? {} : { file }) }
  return { source: bytesSource('f', bytes), offset: start, length: bytes.length - start, bigEndian: false, place }
}

function tensorOf(name: string, storage: Storage | undefined, shape: number[], more: Partial<Tensor> = {}): Tensor {
  const elements = shape.reduce((product, size) => product * size, 1)
  return { name, dtype: 'float32', shape, elements, bytes: elements * 4, storage, offset: 0, ...more }
}

function floats(count: number): Uint8Array {
  const values = new Float32Array(count)
  for (let i = 0; i < count; i++) values[i] = (((i * 40_503) & 0xffff) / 0x8000 - 1) * (1 + (i % 13))
  return new Uint8Array(values.buffer)
}

describe('measuring tensors', () => {
  it('gives the same from a file, by threads, from a shard and from any source', async () => {
    const bytes = Buffer.concat([Buffer.alloc(12), floats(70_000)])
    writeFileSync(join(folder, 'model'), bytes)
    writeFileSync(join(folder, 'shard'), bytes)
    const [whole, shard] = [storageOf(bytes, 12), storageOf(bytes, 12, 'shard')]
    const tensors = [
      tensorOf('all', whole, [70_000]),
      tensorOf('tail', whole, [100], { offset: 69_900 }),
      tensorOf('transposed', shard, [50, 70], { strides: [1, 50] }),
      tensorOf('empty', whole, [0, 3]),
      tensorOf('scalar', shard, [], { offset: 7 }),
      tensorOf('meta', undefined, [5]),
      tensorOf('blocks', whole, [32], { dtype: 'q4_0', bytes: 18 }),
    ]
    const pathOf = (file: string | undefined) => join(folder, file ?? 'model')
    const pool = await createPool(0, async () => jobs)
    const results = [
      await measureAll(tensors, BOTH, { pathOf, pool }),
      await measureAll(tensors, BOTH, { pathOf }),
      await measureAll(tensors, BOTH, { pathOf: (file) => (file === undefined ? undefined : pathOf(file)), pool }),
      await measureAll(tensors, BOTH),
    ]
    for (const result of results) expect(result).toEqual(results[0])
    const [all, tail, transposed, empty, scalar, meta, blocks] = results[0]!
    expect(all!.sha256).toBe(sha256(bytes.subarray(12)))
    expect(tail!.sha256).toBe(sha256(bytes.subarray(-400)))
    const matrix = new Float32Array(Uint8Array.from(bytes.subarray(12, 12 + 14_000)).buffer)
    const turned = Float32Array.from({ length: 3500 }, (_, i) => matrix[(i % 70) * 50 + Math.floor(i / 70)]!)
    expect(transposed!.sha256).toBe(sha256(new Uint8Array(turned.buffer)))
    expect(transposed!.statistics).toMatchObject({
      nan: 0,
      infinite: 0,
      min: Math.min(...turned),
      max: Math.max(...turned),
    })
    expect(empty).toEqual({ sha256: sha256(Buffer.alloc(0)), statistics: { nan: 0, infinite: 0 } })
    expect(scalar!.statistics).toEqual({ mean: matrix[7], min: matrix[7], max: matrix[7], nan: 0, infinite: 0 })
    expect(meta).toBeUndefined()
    expect(blocks).toEqual({ sha256: sha256(bytes.subarray(12, 30)) })
    expect((await measureAll(tensors, { sha256: false, statistics: true }))[0]).toEqual({ statistics: all!.statistics })
    expect((await measureAll(tensors, { sha256: true, statistics: false }))[0]).toEqual({ sha256: all!.sha256 })
  })

  it('shares the statistics of a large tensor, with the result of one who does it alone', async () => {
    const count = (1 << 23) * 2 + 1001
    const bytes = floats(count)
    writeFileSync(join(folder, 'large'), bytes)
    const tensor = tensorOf('large', storageOf(bytes, 0), [count])
    const planner = createPlanner(BOTH)
    planner.plan(tensor, 'large', 0)
    const tasks = planner.take()
    expect(tasks.map(({ range, ...task }) => [range, task.sha256, task.statistics])).toEqual([
      [undefined, true, false],
      [{ from: 0, to: 1 << 23 }, false, true],
      [{ from: 1 << 23, to: 2 << 23 }, false, true],
      [{ from: 2 << 23, to: count }, false, true],
    ])
    const pathOf = () => join(folder, 'large')
    const done: number[] = []
    const onEvent = (event: { type: string; bytes?: number }) => void done.push(event.bytes ?? 0)
    const shared = await measureAll([tensor], BOTH, { pathOf, onEvent, phase: 'check' })
    const row = { shape: [1, count], strides: [count + 1, 1] }
    const column = { shape: [count, 1], strides: [1, 5] }
    for (const shape of [row, column]) expect(await measureAll([{ ...tensor, ...shape }], BOTH)).toEqual(shared)
    expect(shared[0]!.sha256).toBe(sha256(bytes))
    expect(done.reduce((sum, some) => sum + some, 0)).toBe(bytes.length)
  })

  it('measures tied weights once', () => {
    const storage = storageOf(floats(1000), 0)
    const tied = ['wte', 'head', 'copy'].map((name) => tensorOf(name, storage, [10, 100]))
    const other = [
      tensorOf('turned', storage, [100, 10], { strides: [1, 100] }),
      tensorOf('twin', { ...storage }, [1000]),
    ]
    const planner = createPlanner(BOTH)
    const measuredAs = [...tied, ...other].map((tensor, i) => planner.plan(tensor, tensor.name, i))
    const tasks = planner.take()
    expect(measuredAs).toEqual([0, 0, 0, 3, 4])
    expect(tasks.map(({ tensor }) => tensor)).toEqual([0, 3, 4])
  })

  it('stays behind whoever reads the file first, in the order of the file', async () => {
    const bytes = floats(9 << 20)
    writeFileSync(join(folder, 'followed'), bytes)
    const storage = storageOf(bytes, 0)
    const sizes = [1 << 20, 5 << 20, 10, 3 << 20]
    let at = 0
    const tensors = sizes.map((size, i) =>
      tensorOf(`t${i}`, storage, [size - (i === 3 ? 10 : 0)], { offset: (at += size) - size }),
    )
    const pathOf = () => join(folder, 'followed')
    const asked: number[] = []
    const reached = async (path: string, offset: number): Promise<void> => {
      expect(path).toBe(join(folder, 'followed'))
      asked.push(offset)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const result = await measureAll(tensors, BOTH, { pathOf, reached })
    expect(asked).toEqual([...asked].sort((a, b) => a - b))
    expect(new Set(asked)).toEqual(new Set([0, 4 << 20, 24 << 20, (24 << 20) + 40]))
    expect(result).toEqual(await measureAll(tensors, BOTH, { pathOf }))
  })

  it('refuses few bytes that would take for ever', async () => {
    const storage = storageOf(floats(1000), 0)
    const expanded = tensorOf('expanded', storage, [2 ** 40, 10], { strides: [0, 1] })
    await expect(measureAll([expanded], BOTH)).rejects.toMatchObject({ code: 'CORRUPT', path: 'expanded' })
    const many = Array.from({ length: 900 }, (_, i) =>
      tensorOf(`t${i}`, storage, [100_000, 1], { strides: [0, 1], offset: i }),
    )
    await expect(measureAll(many, BOTH)).rejects.toMatchObject({ code: 'CORRUPT' })
    const honest = tensorOf('mask', storage, [1000, 1000], { strides: [0, 1] })
    expect((await measureAll([honest], BOTH))[0]!.statistics!.nan).toBe(0)
  })

  it('fails when a file is shorter by now, or gone, and stops when asked to', async () => {
    const bytes = floats(100_000)
    writeFileSync(join(folder, 'short'), bytes.subarray(0, 5000))
    const tensor = tensorOf('x', storageOf(bytes, 0), [100_000])
    const inFile = (file: string) => ({ pathOf: () => join(folder, file) })
    await expect(measureAll([tensor], BOTH, inFile('short'))).rejects.toMatchObject({
      code: 'CHANGED_WHILE_READ',
      path: join(folder, 'short'),
    })
    await expect(measureAll([tensor], BOTH, inFile('none'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const signal = AbortSignal.abort()
    await expect(measureAll([tensor], BOTH, { ...inFile('short'), signal })).rejects.toMatchObject({
      name: 'AbortError',
    })
    await expect(measureAll([tensor], BOTH, { signal })).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('takes a model of very many tensors slice by slice', async () => {
    const storage = storageOf(floats(12_000), 0)
    const tensors = Array.from({ length: 25_000 }, (_, i) => tensorOf(`t${i}`, storage, [1], { offset: i % 12_000 }))
    const results = await measureAll(tensors, { sha256: true, statistics: false })
    expect(results.length).toBe(25_000)
    expect(results.slice(12_000, 24_000)).toEqual(results.slice(0, 12_000))
    expect(new Set(results.slice(0, 100).map((one) => one!.sha256)).size).toBeGreaterThan(90)
  })
})
