import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MemoryStore } from '../backend/memory/store.ts'
import { encodeCondemned } from '../layout/condemned.ts'
import type { ObjectInfo } from '../object-store.ts'
import type { Target } from './target.ts'
import { TwoMachines } from './two-machines.ts'

/** A gc condemns something each time that a push comes to read the lists. */
class Harassed extends MemoryStore {
  readonly condemn: (keys: string[]) => string[]
  #lists = 0

  constructor(condemn: (keys: string[]) => string[]) {
    super()
    this.condemn = condemn
  }

  override async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    const names = prefix === 'gc/' && this.puts('roots/') > 0 ? this.condemn(this.keys()) : []
    const key = `gc/${String(++this.#lists).padStart(12, '0')}-0011223344556677`
    if (names.length > 0) await this.put(key, encodeCondemned(names))
    yield* super.list(prefix)
  }

  puts(prefix: string): number {
    return this.keys().filter((key) => key.startsWith(prefix)).length
  }
}

const newest = (prefix: string) => (keys: string[]) => keys.filter((key) => key.startsWith(prefix)).slice(-1)
const once = (condemn: (keys: string[]) => string[]) => {
  let left = 1
  return (keys: string[]) => (left-- > 0 ? condemn(keys) : [])
}

let machines: TwoMachines
let target: Target
beforeEach(async () => {
  machines = await TwoMachines.start()
  target = await machines.addFile('model', randomBytes(200_000))
})
afterEach(() => machines.close())

describe('a push that a gc gets in the way of', () => {
  it('sends again what was condemned, under new names, and roots that', async () => {
    const store = new Harassed(once(newest('packs/')))
    const { missing } = await machines.push([target], store)
    expect(missing).toEqual([])
    expect([store.puts('packs/'), store.puts('recipes/'), store.puts('roots/')]).toEqual([2, 2, 2])
  })

  it('sends a recipe alone where only that was condemned', async () => {
    const store = new Harassed(once(newest('recipes/')))
    await machines.push([target], store)
    expect([store.puts('packs/'), store.puts('recipes/'), store.puts('roots/')]).toEqual([1, 2, 2])
  })

  it('puts a new root where only that was condemned', async () => {
    const store = new Harassed(once(newest('roots/')))
    await machines.push([target], store)
    expect([store.puts('packs/'), store.puts('recipes/'), store.puts('roots/')]).toEqual([1, 1, 2])
  })

  it.each(['packs/', 'recipes/', 'roots/'])('gives up by name where it never ends (%s)', async (prefix) => {
    const store = new Harassed(newest(prefix))
    await expect(machines.push([target], store)).rejects.toMatchObject({
      code: 'REMOTE_REFUSED',
      retryable: true,
      hint: expect.any(String) as string,
      details: prefix === 'roots/' ? [] : [{ path: 'model', message: target.oid }],
    })
    expect(store.puts('roots/')).toBe(4)
  })
})

describe('a push that remembers packs which are gone', () => {
  it('sends them again after one look, also where it had adopted what used them', async () => {
    const store = machines.store
    await machines.push([target])
    await store.delete(machines.keys('packs/'))
    const { missing, new: sent } = await machines.push([target])
    expect(missing).toEqual([])
    expect(sent).toBe(200_000)
    // The first push's, the one that told it, and the last.
    expect(machines.keys('roots/')).toHaveLength(3)
    expect((await machines.fetch([target])).missing).toEqual([])
  })
})

it('a push of nothing leaves no root', async () => {
  expect(await machines.push([])).toMatchObject({ new: 0, sent: [], missing: [] })
  expect(machines.keys('roots/')).toEqual([])
})
