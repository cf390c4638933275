import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../backend/memory/store.ts'
import type { ObjectInfo } from '../object-store.ts'
import { findAbsent } from './presence.ts'

class Counting extends MemoryStore {
  heads = 0
  lists: string[] = []

  override head(key: string): Promise<ObjectInfo | undefined> {
    this.heads++
    return super.head(key)
  }

  override list(prefix: string): AsyncGenerator<ObjectInfo> {
    this.lists.push(prefix)
    return super.list(prefix)
  }
}

async function storeOf(count: number): Promise<{ store: Counting; wanted: Map<string, number> }> {
  const store = new Counting()
  const wanted = new Map<string, number>()
  for (let i = 0; i < count; i++) {
    const key = `${i % 3 === 0 ? 'recipes' : 'packs'}/${i}`
    await store.put(key, new Uint8Array(i))
    wanted.set(key, i)
  }
  return { store, wanted }
}

describe.each([10, 64, 65, 200])('of %i objects', (count) => {
  it('those that are gone, and those of another size, are found', async () => {
    const { store, wanted } = await storeOf(count)
    expect(await findAbsent(store, wanted)).toEqual(new Set())
    await store.delete(['packs/1'])
    await store.put('packs/2', new Uint8Array(1))
    await store.put('recipes/3', new Uint8Array(4))
    await store.put('packs/other', new Uint8Array(7))
    expect(await findAbsent(store, wanted)).toEqual(new Set(['packs/1', 'packs/2', 'recipes/3']))
  })
})

it('few are asked for one by one, many are listed', async () => {
  const few = await storeOf(64)
  await findAbsent(few.store, few.wanted)
  expect(few.store).toMatchObject({ heads: 64, lists: [] })
  const many = await storeOf(65)
  await findAbsent(many.store, many.wanted)
  expect(many.store.heads).toBe(0)
  expect(new Set(many.store.lists)).toEqual(new Set(['packs/', 'recipes/']))
})
