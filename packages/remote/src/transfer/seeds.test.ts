import { randomBytes } from 'node:crypto'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { objectPath } from '@art/core/cache/layout.ts'
import { seal } from '@art/core/cache/seal.ts'
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
    const { missing, transferred } = await machines.fetch([young], machines.store, machines.there, relatives)
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
    const { missing, transferred } = await machines.fetch([young], machines.store, machines.there, relatives)
    expect(missing).toEqual([])
    expect(transferred).toBeGreaterThan(SIZE)
    expect(machines.there.largeSize(young.oid)).toBe(SIZE)
  })

  it('comes whole where the remote no longer says how the older one is cut', async () => {
    await machines.store.delete(machines.keys(`recipes/f-${old.oid}/`))
    const { missing } = await machines.fetch([young], machines.store, machines.there, relatives)
    expect(missing).toEqual([])
    verifyCache(machines.there)
  })
})

it('a relative that the machine does not have is of no use, and no harm', async () => {
  const { missing } = await machines.fetch([young], machines.store, machines.there, relatives)
  expect(missing).toEqual([])
  verifyCache(machines.there)
})
