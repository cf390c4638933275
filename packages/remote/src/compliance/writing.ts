import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { ByteSource } from '../object-store.ts'
import { readAll } from '../read-all.ts'
import { keysOf, source, type Made, type Supports } from './material.ts'

/** What is put is there, whole or not at all. */
export function testWriting(at: Made, supports: Supports): void {
  test('what was put is there, with its size, and comes back', async () => {
    const bytes = randomBytes(70_001)
    expect(await at.store.put('basic/one', bytes)).toEqual({ created: true })
    expect(await at.store.head('basic/one')).toMatchObject({ key: 'basic/one', size: 70_001 })
    expect((await readAll(at.store, 'basic/one')).equals(bytes)).toBe(true)
    expect((await readAll(at.store, 'basic/one', { size: 70_001 })).equals(bytes)).toBe(true)
  })

  test('its time is about now', async () => {
    await at.store.put('basic/dated', randomBytes(3))
    const { modified } = (await at.store.head('basic/dated'))!
    expect(Math.abs(Date.now() - (modified?.getTime() ?? 0))).toBeLessThan(60_000)
  })

  test('an empty object is an object', async () => {
    await at.store.put('basic/empty', new Uint8Array(0))
    expect(await at.store.head('basic/empty')).toMatchObject({ size: 0 })
    expect(await readAll(at.store, 'basic/empty')).toHaveLength(0)
    expect(await keysOf(at.store, 'basic/empty')).toEqual(['basic/empty'])
    await at.store.put('basic/empty-source', source(0, 10).body)
    expect(await at.store.head('basic/empty-source')).toMatchObject({ size: 0 })
  })

  test('20 MiB that are read as they are sent come back whole', async () => {
    const { body, bytes } = source(20 << 20, 1_000_003)
    await at.store.put('large/source', body)
    expect((await readAll(at.store, 'large/source')).equals(bytes)).toBe(true)
    expect(await at.store.head('large/source')).toMatchObject({ size: 20 << 20 })
  })

  test('20 MiB in memory come back whole', async () => {
    const bytes = randomBytes(20 << 20)
    await at.store.put('large/memory', bytes)
    expect((await readAll(at.store, 'large/memory', { size: bytes.length })).equals(bytes)).toBe(true)
  })

  test('memory that is shared between threads can be sent', async () => {
    const bytes = new Uint8Array(new SharedArrayBuffer(300_000)).subarray(100, 250_100)
    bytes.set(randomBytes(250_000))
    await at.store.put('basic/shared', bytes)
    expect((await readAll(at.store, 'basic/shared')).equals(bytes)).toBe(true)
  })

  test('a source is opened again for a second put of it', async () => {
    const { body, bytes } = source(100_000, 7_000)
    await at.store.put('replay/one', body)
    await at.store.put('replay/two', body)
    expect((await readAll(at.store, 'replay/one')).equals(bytes)).toBe(true)
    expect((await readAll(at.store, 'replay/two')).equals(bytes)).toBe(true)
  })

  test.each([
    ['longer', 5_000],
    ['shorter', 15_000],
  ])('a source that is %s than it says leaves no object', async (_, said) => {
    const { body } = source(10_000, 3_000)
    await expect(at.store.put('torn/one', { size: said, open: () => body.open() })).rejects.toMatchObject({
      code: 'CHANGED_WHILE_READ',
    })
    expect(await at.store.head('torn/one')).toBeUndefined()
  })

  test('a source that fails leaves no object', async () => {
    const failing: ByteSource = {
      size: 20 << 20,
      *open() {
        yield randomBytes(12 << 20)
        throw new Error('the disk is gone')
      },
    }
    await expect(at.store.put('torn/two', failing)).rejects.toThrow('the disk is gone')
    expect(await at.store.head('torn/two')).toBeUndefined()
    expect(await keysOf(at.store, 'torn/')).toEqual([])
  })

  test('a second put replaces the first', async () => {
    await at.store.put('over/one', randomBytes(100))
    const bytes = randomBytes(50)
    await at.store.put('over/one', bytes)
    expect(await readAll(at.store, 'over/one')).toEqual(bytes)
    expect(await at.store.head('over/one')).toMatchObject({ size: 50 })
  })

  test.runIf(supports.conditionalPut !== false)('of 16 writers of one key one wins', async () => {
    const bodies = Array.from({ length: 16 }, () => randomBytes(1000))
    const answers = await Promise.all(bodies.map((body) => at.store.put('race/one', body, { ifNoneMatch: '*' })))
    expect(answers.filter(({ created }) => created)).toHaveLength(1)
    const winner = bodies[answers.findIndex(({ created }) => created)]!
    expect((await readAll(at.store, 'race/one')).equals(winner)).toBe(true)
    expect(at.store.capabilities.conditionalPut).toBe(true)
  })

  test('a put that must not overwrite leaves what is there', async () => {
    const bytes = randomBytes(10)
    expect(await at.store.put('once/one', bytes, { ifNoneMatch: '*' })).toEqual({ created: true })
    expect(await at.store.put('once/one', randomBytes(10), { ifNoneMatch: '*' })).toEqual({ created: false })
    expect(await at.store.put('once/one', source(20 << 20, 1 << 20).body, { ifNoneMatch: '*' })).toEqual({
      created: false,
    })
    expect(await readAll(at.store, 'once/one')).toEqual(bytes)
  })

  test('64 puts and gets at the same time do not mix', async () => {
    const bodies = Array.from({ length: 64 }, (_, index) => randomBytes(1_000 + index * 777))
    await Promise.all(bodies.map((body, index) => at.store.put(`crowd/${index}`, body)))
    const read = await Promise.all(bodies.map((_, index) => readAll(at.store, `crowd/${index}`)))
    expect(read.every((bytes, index) => bytes.equals(bodies[index]!))).toBe(true)
  })
}
