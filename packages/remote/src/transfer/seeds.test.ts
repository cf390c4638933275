import { randomBytes } from 'node:crypto'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { fromHex } from '@art/core'
import { objectPath } from '@art/core/cache/layout.ts'
import { PackReader } from '@art/core/cache/pack-reader.ts'
import { seal } from '@art/core/cache/seal.ts'
import { damageInPacks } from '@art/core/temporary-damage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Target } from './target.ts'
import { TwoMachines, verifyCache } from './two-machines.ts'

const SIZE = 6_000_000

let machines: TwoMachines
let old: Target
let young: Target
beforeEach(async () => {
  machines = await TwoMachines.start()
  const bytes = randomBytes(SIZE)
  old = await machines.addFile('model', bytes)
  await machines.push([old])
  bytes.fill(7, SIZE - 500_000)
  young = await machines.addFile('model', bytes)
  await machines.push([young])
})
afterEach(() => machines.close())

const relatives = async (): Promise<Target[]> => [old]

describe('a new version of a file of which the machine has an older one', () => {
  beforeEach(async () => {
    await machines.fetch([old])
  })

  it('costs what has changed', async () => {
    const { missing, transferred } = await machines.fetch([young], machines.store, machines.there, { relatives })
    expect(missing).toEqual([])
    expect(transferred).toBeLessThan(900_000)
    verifyCache(machines.there)
  })

  it('comes whole where the older one is damaged, even if it looks as it was', async () => {
    const path = objectPath(machines.there.layout, old.oid)
    const bytes = readFileSync(path)
    bytes[1_000_000]! ^= 1
    chmodSync(path, 0o644)
    writeFileSync(path, bytes)
    seal(path)
    const { missing, transferred } = await machines.fetch([young], machines.store, machines.there, { relatives })
    expect(missing).toEqual([])
    expect(transferred).toBeGreaterThan(SIZE)
    expect(machines.there.largeSize(young.oid)).toBe(SIZE)
  })

  it('comes whole where the remote no longer says how the older one is cut', async () => {
    await machines.store.delete(machines.keys(`recipes/f-${old.oid}/`))
    const { missing } = await machines.fetch([young], machines.store, machines.there, { relatives })
    expect(missing).toEqual([])
    verifyCache(machines.there)
  })
})

it('a relative that the machine does not have is of no use, and no harm', async () => {
  const { missing } = await machines.fetch([young], machines.store, machines.there, { relatives })
  expect(missing).toEqual([])
  verifyCache(machines.there)
})

describe('contents that lie in packs of the cache and are several chunks on the remote', () => {
  const MEDIUM = 900_000

  /** The end of it is other: the chunks before that are shared. */
  function changed(bytes: Buffer): Buffer {
    const copy = Buffer.from(bytes)
    copy.fill(9, MEDIUM - 100_000)
    return copy
  }

  async function fetchAfter(before: Target, after: Target): Promise<number> {
    await machines.fetch([before])
    const { missing, transferred } = await machines.fetch([after], machines.store, machines.there, {
      relatives: async () => [before],
    })
    expect(missing).toEqual([])
    verifyCache(machines.there)
    return transferred
  }

  it('cost what has changed in them', async () => {
    const bytes = randomBytes(MEDIUM)
    const before = await machines.addFile('medium', bytes)
    const after = await machines.addFile('medium', changed(bytes))
    await machines.push([before])
    await machines.push([after])
    expect(await fetchAfter(before, after)).toBeLessThan(300_000)
    expect(machines.there.hasFile(fromHex(after.oid), MEDIUM)).toBe(true)
  })

  it('cost that in a directory too, as large files do there', async () => {
    const medium = Array.from({ length: 5 }, () => randomBytes(MEDIUM))
    const large = randomBytes(SIZE)
    const small = randomBytes(20_000)
    const contents = (change: (bytes: Buffer) => Buffer, big: Buffer): Record<string, Buffer> => ({
      ...Object.fromEntries(medium.map((bytes, i) => [`sub/${i}`, change(bytes)])),
      again: change(medium[0]!),
      small,
      large: big,
    })
    const before = await machines.addDirectory(
      'data',
      contents((bytes) => bytes, large),
    )
    const end = Buffer.from(large)
    end.fill(3, SIZE - 200_000)
    const after = await machines.addDirectory('data', contents(changed, end))
    await machines.push([before])
    await machines.push([after])
    expect(await fetchAfter(before, after)).toBeLessThan(2_500_000)
  })

  it('come whole where what is here is damaged', async () => {
    const bytes = randomBytes(MEDIUM)
    const before = await machines.addFile('medium', bytes)
    const after = await machines.addFile('medium', changed(bytes))
    await machines.push([before])
    await machines.push([after])
    await machines.fetch([before])
    expect(damageInPacks(machines.there.layout, bytes.subarray(1000, 2000))).toHaveLength(1)
    machines.there.reload()
    const context = [machines.store, machines.there, { relatives: async () => [before] }] as const
    expect((await machines.fetch([after], ...context)).missing).toEqual([])
    expect(new PackReader(machines.there.packs).read(fromHex(after.oid)).length).toBe(MEDIUM)
  })

  it('are not asked about where the cache is empty, or nothing has several chunks', async () => {
    const asked: string[] = []
    const ask = async ({ path }: Target): Promise<Target[]> => {
      asked.push(path)
      return []
    }
    const medium = await machines.addFile('medium', randomBytes(MEDIUM))
    const small = await machines.addFile('small', randomBytes(1000))
    await machines.push([medium, small])
    await machines.fetch([medium], machines.store, machines.there, { relatives: ask })
    await machines.fetch([small], machines.store, machines.there, { relatives: ask })
    expect(asked).toEqual([])
    const other = await machines.addFile('other', randomBytes(MEDIUM))
    await machines.push([other])
    await machines.fetch([other], machines.store, machines.there, { relatives: ask })
    expect(asked).toEqual(['other'])
  })
})
