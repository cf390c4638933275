import { randomBytes } from 'node:crypto'
import { FOOTER_BYTES } from '@art/core/pack/layout.ts'
import { cacheUsage } from '@art/core/usage/cache-usage.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readAll } from '../read-all.ts'
import { TwoMachines } from './two-machines.ts'
import { remoteUsage } from './usage.ts'

let machines: TwoMachines
beforeEach(async () => {
  machines = await TwoMachines.start()
})
afterEach(() => machines.close())

const usage = (...groups: Parameters<typeof remoteUsage>[0]) =>
  remoteUsage(groups, { store: machines.store, cache: machines.there })

/** Bytes of all packs without their footers, and of all recipes. */
async function bytesThere(): Promise<number> {
  let bytes = 0
  for (const key of machines.keys('packs/')) bytes += (await readAll(machines.store, key)).length - FOOTER_BYTES
  for (const key of machines.keys('recipes/')) bytes += (await readAll(machines.store, key)).length
  return bytes
}

test('contents that share chunks: each byte of the remote is of one of them, or shared', async () => {
  const common = randomBytes(1_500_000)
  const a = await machines.addFile('a', Buffer.concat([common, randomBytes(700_000)]))
  const b = await machines.addFile('b', Buffer.concat([common, randomBytes(300_000)]))
  const data = await machines.addDataset()
  await machines.push([a, b, data])
  const { groups, stored } = await usage([a], [b], [data])
  expect(groups.map(({ states }) => states)).toEqual([['ok'], ['ok'], ['ok']])
  expect(stored[3]).toBe(await bytesThere())
  const [first, second, third] = groups
  expect(first!.unique).toBeGreaterThan(600_000)
  expect(second!.unique).toBeGreaterThan(200_000)
  expect(first!.shared).toBeGreaterThan(1_200_000)
  expect(first!.shared).toBe(second!.shared)
  expect(third!.shared).toBe(0)
  expect(first!.unique + second!.unique + third!.unique + first!.shared).toBe(stored[3])
  // Together they are one group, which shares nothing.
  expect((await usage([a, b], [data])).groups[0]).toMatchObject({ unique: stored[2], shared: 0 })
})

test('one content of two groups is shared whole, and follows one recipe', async () => {
  const a = await machines.addFile('a', randomBytes(2_000_000))
  await machines.push([a])
  const { groups, stored } = await usage([a], [{ ...a, path: 'copy' }])
  expect(groups.map(({ unique, shared }) => [unique, shared])).toEqual([
    [0, stored[2]],
    [0, stored[2]],
  ])
})

test('what is not there, or not all of it, is told', async () => {
  const a = await machines.addFile('a', randomBytes(100_000))
  expect((await usage([a])).groups[0]).toEqual({ unique: 0, shared: 0, states: ['missing'] })
  await machines.push([a])
  const b = await machines.addFile('b', randomBytes(100_000))
  expect((await usage([a], [b])).groups.map(({ states }) => states[0])).toEqual(['ok', 'missing'])
  await machines.store.delete(machines.keys('packs/'))
  expect((await usage([a])).groups[0]!.states).toEqual(['incomplete'])
})

test('of the cache: whole objects, entries of packs and nodes of trees', async () => {
  const large = randomBytes(1_500_000)
  const small = randomBytes(3000)
  const one = await machines.addDirectory('one', { large, small, own: randomBytes(500) })
  const two = await machines.addDirectory('two', { large, small, again: small })
  const away = { kind: 'f' as const, oid: 'ab'.repeat(32), size: 7, path: 'away' }
  machines.here.reload()
  const { groups, stored } = cacheUsage(machines.here, [[one], [two], [away]])
  expect(groups[0]!.shared).toBe(1_500_000 + 3000 + 44)
  expect(groups[1]!.shared).toBe(groups[0]!.shared)
  // Its own file, and the only node of its tree.
  expect(groups[0]!.unique).toBeGreaterThan(500 + 44)
  expect(groups[0]!.unique).toBeLessThan(1000)
  expect(groups[2]).toMatchObject({ unique: 0, shared: 0, absent: 7 })
  expect(stored[3]).toBe(groups[0]!.unique + groups[1]!.unique + groups[0]!.shared)
  expect(groups.map(({ damaged }) => damaged)).toEqual([[], [], []])
})
