import { randomBytes } from 'node:crypto'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { objectPath } from '@art/core/cache/layout.ts'
import { seal } from '@art/core/cache/seal.ts'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MemoryStore } from '../backend/memory/store.ts'
import { faultyStore } from '../decorate/fault.ts'
import type { GetOptions, ObjectStore } from '../object-store.ts'
import type { RemoteFile } from './remote-file.ts'
import type { Target } from './target.ts'
import { TwoMachines } from './two-machines.ts'

const MB = 1_000_000

let machines: TwoMachines
const opened: RemoteFile[] = []
beforeEach(async () => {
  machines = await TwoMachines.start()
})
afterEach(async () => {
  for (const file of opened.splice(0)) await file.close()
  machines.close()
})

const open: TwoMachines['openFile'] = async (...given) => {
  const file = await machines.openFile(...given)
  opened.push(file)
  return file
}

async function pushed(bytes: Uint8Array, compress = false): Promise<Target> {
  const target = await machines.addFile('model', bytes)
  await machines.push([target], machines.store, machines.here, compress)
  return target
}

/** Weights as training leaves them: their bytes are noise but for the exponents. */
function weights(size: number): Buffer {
  const noise = randomBytes(size)
  return Buffer.from(new Uint8Array(Float32Array.from({ length: size / 4 }, (_, i) => noise[i]! / 300 - 0.4).buffer))
}

describe('a file of a remote', () => {
  it.each([false, true])('gives any range of it, in any order; compressed: %s', async (compress) => {
    const bytes = Buffer.concat([weights(2 * MB), Buffer.alloc(MB), randomBytes(700_001)])
    const file = await open(await pushed(bytes, compress))
    expect(file.size).toBe(bytes.length)
    const range = fc.tuple(fc.nat(bytes.length), fc.oneof(fc.nat(100), fc.nat(300_000), fc.nat(bytes.length)))
    await fc.assert(
      fc.asyncProperty(range, async ([offset, length]) => {
        const end = Math.min(bytes.length, offset + length)
        const got = await file.read(offset, end - offset)
        expect(bytes.subarray(offset, end).equals(got)).toBe(true)
      }),
    )
    // Small enough to be kept, so nothing of it came twice.
    expect(file.received.new).toBeLessThanOrEqual(bytes.length)
    if (compress) expect(file.received.transferred).toBeLessThan(0.85 * file.received.new)
  })

  it.each([0, 1, 5000, 128 << 10, 300_000])('may be small: %i bytes', async (size) => {
    const bytes = randomBytes(size)
    const file = await open(await pushed(bytes))
    expect(bytes.equals(await file.read(0, size))).toBe(true)
    expect(file.received).toEqual({ new: size, transferred: size })
  })

  it('costs little where little is read of it', async () => {
    const bytes = randomBytes(12 * MB)
    const file = await open(await pushed(bytes))
    await file.read(0, 100)
    await file.read(bytes.length - 22, 22)
    await file.read(6 * MB, 5000)
    expect(file.received.transferred).toBeLessThan(700_000)
  })

  it('is fetched in larger pieces while reading goes on', async () => {
    const bytes = randomBytes(8 * MB)
    const store = new CountingStore(machines.store)
    const file = await open(await pushed(bytes), { store })
    store.gets = 0
    for (let at = 0; at < bytes.length; at += 10_000)
      expect(bytes.subarray(at, at + 10_000).equals(await file.read(at, Math.min(10_000, bytes.length - at)))).toBe(
        true,
      )
    expect(store.gets).toBeLessThan(30)
    expect(file.received.new).toBe(bytes.length)
  })

  it('gives ranges that are read at once', async () => {
    const bytes = randomBytes(3 * MB)
    const file = await open(await pushed(bytes))
    const starts = Array.from({ length: 40 }, (_, i) => (i * 1_234_567) % (2.8 * MB))
    const got = await Promise.all(starts.map((start) => file.read(start, 150_000)))
    for (const [i, start] of starts.entries()) expect(bytes.subarray(start, start + 150_000).equals(got[i]!)).toBe(true)
    expect(file.received.new).toBeLessThanOrEqual(bytes.length)
  })

  it('does not give what is not in it', async () => {
    const file = await open(await pushed(randomBytes(1000)))
    for (const [offset, length] of [
      [0, 1001],
      [1000, 1],
      [-1, 1],
      [0.5, 1],
      [0, Number.NaN],
      [2 ** 60, 1],
    ] as const) {
      await expect(file.read(offset, length)).rejects.toMatchObject({ code: 'CORRUPT', path: 'model' })
      expect(() => file.expect([{ offset, length }])).toThrow('cannot be read')
    }
    await expect(file.read(0, 1, { signal: AbortSignal.abort() })).rejects.toThrow()
  })

  it('that is not there is named', async () => {
    await pushed(randomBytes(10))
    const absent: Target = { kind: 'f', oid: 'ab'.repeat(32), size: 5, path: 'absent.pth' }
    await expect(open(absent)).rejects.toMatchObject({ code: 'MISSING_OBJECTS', path: 'absent.pth' })
    await expect(open(absent, { store: new MemoryStore() })).rejects.toMatchObject({ code: 'REMOTE_NOT_FOUND' })
  })
})

describe('ranges that are announced', () => {
  /** Every third quarter of a megabyte, from the back to the front. */
  const ranges = Array.from({ length: 16 }, (_, i) => ({ offset: (15 - i) * 0.75 * MB, length: 0.25 * MB }))

  it('come in few requests at a time, each byte once, and nothing else does', async () => {
    const bytes = randomBytes(12 * MB)
    const store = new CountingStore(machines.store)
    const file = await open(await pushed(bytes), { store })
    store.most = 0
    file.expect(ranges)
    for (const { offset, length } of ranges)
      expect(bytes.subarray(offset, offset + length).equals(await file.read(offset, length))).toBe(true)
    expect(store.most).toBeGreaterThan(4)
    expect(store.most).toBeLessThanOrEqual(16)
    // Chunks reach over the ends of ranges by at most 128 KiB a side.
    expect(file.received.transferred).toBeLessThan(16 * (0.25 * MB + (256 << 10)))
    expect(file.received.new).toBe(file.received.transferred)
  })

  it('do not fill memory, however much is announced, and need not be read', async () => {
    const bytes = randomBytes(100 * MB)
    const file = await open(await pushed(bytes))
    file.expect([{ offset: 0, length: bytes.length }])
    expect(bytes.subarray(0, 10).equals(await file.read(0, 10))).toBe(true)
    await file.close()
    expect(file.received.new).toBeLessThan(75 * MB)
  })

  it('are still read one by one where they are read in another order', async () => {
    const bytes = randomBytes(12 * MB)
    const file = await open(await pushed(bytes))
    file.expect(ranges)
    for (const { offset, length } of ranges.toReversed())
      expect(bytes.subarray(offset, offset + length).equals(await file.read(offset, length))).toBe(true)
  })
})

describe('a machine that has an older version', () => {
  const old = randomBytes(6 * MB)
  const young = Buffer.from(old)
  young.fill(7, 3 * MB, 3.5 * MB)
  let before: Target
  let now: Target
  beforeEach(async () => {
    before = await pushed(old)
    now = await pushed(young)
    await machines.fetch([before])
  })
  const relatives = async (): Promise<Target[]> => [before]

  it('reads of it what is the same', async () => {
    const file = await open(now, { relatives })
    file.expect([{ offset: 0, length: young.length }])
    expect(young.equals(await file.read(0, young.length))).toBe(true)
    expect(file.received.transferred).toBeLessThan(0.5 * MB + (256 << 10))
  })

  it('reads from the remote what is damaged in it', async () => {
    const path = objectPath(machines.there.layout, before.oid)
    const bytes = readFileSync(path)
    bytes[MB]! ^= 1
    chmodSync(path, 0o644)
    writeFileSync(path, bytes)
    seal(path)
    const file = await open(now, { relatives })
    expect(young.equals(await file.read(0, young.length))).toBe(true)
    expect(file.received.transferred).toBeLessThan(0.5 * MB + (384 << 10))
  })
})

describe('a remote with damage', () => {
  const bytes = randomBytes(3 * MB)
  const flipAll = async (keys: readonly string[]): Promise<void> => {
    for (const key of keys)
      await machines.damage(key, (pack) => {
        for (let i = 0; i < pack.length - 5000; i += 1000) pack[i]! ^= 1
        return pack
      })
  }

  it('gives an error that names the pack, and never wrong bytes', async () => {
    const file = await open(await pushed(bytes))
    await flipAll(machines.keys('packs/'))
    await expect(file.read(0, 100)).rejects.toMatchObject({
      code: 'MISSING_OBJECTS',
      path: 'model',
      message: expect.stringMatching(/did not arrive/) as string,
    })
  })

  it('still gives what another recipe of it leads to, also in the middle of reading', async () => {
    const target = await pushed(bytes)
    const lost = machines.keys('packs/')
    const other = machines.another()
    await machines.fetch([target], machines.store, other)
    // A machine that does not know of the first push sends it again.
    rmSync(other.layout.tables, { recursive: true })
    const recipes = machines.keys('recipes/')
    const held = await Promise.all(recipes.map(async (key) => [key, await bytesOf(machines.store, key)] as const))
    await machines.store.delete(recipes)
    await machines.push([target], machines.store, other)
    for (const [key, recipe] of held) await machines.store.put(key, recipe)
    for (const gone of [lost, machines.keys('packs/').filter((key) => !lost.includes(key))]) {
      const file = await open(target)
      expect(bytes.subarray(0, 100).equals(await file.read(0, 100))).toBe(true)
      const copies = await Promise.all(gone.map(async (key) => [key, await bytesOf(machines.store, key)] as const))
      await machines.store.delete(gone)
      file.expect([{ offset: 0, length: bytes.length }])
      const whole = await Promise.all([file.read(0, 2 * MB), file.read(2 * MB, MB)])
      expect(bytes.equals(Buffer.concat(whole))).toBe(true)
      for (const [key, pack] of copies) await machines.store.put(key, pack)
    }
  })

  it('is asked again where a bit was flipped or a body cut on its way', async () => {
    const target = await pushed(bytes)
    const rates = { flip: 0.1, cut: 0.1, truncate: 0.1, refuse: 0.1 }
    for (let seed = 0; seed < 5; seed++) {
      const file = await open(target, { store: machines.patient(faultyStore(machines.store, seed, rates)) })
      for (let at = 0; at < bytes.length; at += MB / 2) {
        const got = await file.read(at, MB / 2).catch((error: { code: string }) => error.code)
        expect(got === 'MISSING_OBJECTS' || bytes.subarray(at, at + MB / 2).equals(got as Uint8Array)).toBe(true)
      }
    }
  })
})

async function bytesOf(store: ObjectStore, key: string): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of store.get(key)) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** Counts requests, and how many there were at a time. */
class CountingStore implements ObjectStore {
  gets = 0
  most = 0
  readonly #store: ObjectStore
  #now = 0

  constructor(store: ObjectStore) {
    this.#store = store
  }

  get url(): string {
    return this.#store.url
  }

  get capabilities(): ObjectStore['capabilities'] {
    return this.#store.capabilities
  }

  async *get(key: string, options?: GetOptions): AsyncGenerator<Uint8Array> {
    this.gets++
    this.most = Math.max(this.most, ++this.#now)
    try {
      yield* this.#store.get(key, options)
    } finally {
      this.#now--
    }
  }

  head: ObjectStore['head'] = (...given) => this.#store.head(...given)
  put: ObjectStore['put'] = (...given) => this.#store.put(...given)
  list: ObjectStore['list'] = (...given) => this.#store.list(...given)
  delete: ObjectStore['delete'] = (...given) => this.#store.delete(...given)
}
