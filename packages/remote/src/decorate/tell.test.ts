import type { ArtEvent } from '@art/core'
import { expect, test } from 'vitest'
import { MemoryStore } from '../backend/memory/store.ts'
import { readAll } from '../read-all.ts'
import { tellStore } from './tell.ts'

test('every call is told with its method, key and time, and answers as before', async () => {
  const told: string[] = []
  const onEvent = (event: ArtEvent): void => {
    if (event.type !== 'request') throw new Error(`unexpected ${event.type}`)
    expect(event.milliseconds).toBeGreaterThanOrEqual(0)
    told.push(`${event.method} ${event.key}`)
  }
  const store = tellStore(new MemoryStore())
  expect(await store.put('packs/a', Buffer.from('one'), { onEvent })).toEqual({ created: true })
  await store.put('packs/b', Buffer.from('two'), { onEvent })
  expect((await store.head('packs/a', { onEvent }))?.size).toBe(3)
  expect(await store.head('packs/none', { onEvent })).toBeUndefined()
  const pieces: Uint8Array[] = []
  for await (const piece of store.get('packs/a', { onEvent })) pieces.push(piece)
  expect(Buffer.concat(pieces).toString()).toBe('one')
  const keys: string[] = []
  for await (const { key } of store.list('packs/', { onEvent })) keys.push(key)
  expect(keys.sort()).toEqual(['packs/a', 'packs/b'])
  await store.delete(['packs/a', 'packs/b'], { onEvent })
  expect(told).toEqual([
    'PUT packs/a',
    'PUT packs/b',
    'HEAD packs/a',
    'HEAD packs/none',
    'GET packs/a',
    'LIST packs/',
    'DELETE packs/a and 1 more',
  ])
})

test('what fails is told too, and a reader that stops early', async () => {
  const told: string[] = []
  const onEvent = (event: ArtEvent): void => {
    if (event.type === 'request') told.push(event.method)
  }
  const store = tellStore(new MemoryStore())
  await expect(readAll(store, 'none', { onEvent })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await store.put('a', Buffer.from('a'))
  await store.put('b', Buffer.from('b'))
  for await (const _ of store.list('', { onEvent })) break
  expect(told).toEqual(['GET', 'LIST'])
})
