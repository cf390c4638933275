import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ByteSource, ObjectInfo, ObjectStore } from '../object-store.ts'
import { readAll } from '../read-all.ts'
import { inTurns, keysOf, ODD_KEYS, source } from './material.ts'

export interface Supports {
  /** Of many writers with `ifNoneMatch` one wins. */
  conditionalPut?: boolean
  /** Keys that are odd but allowed: a server may be unable to hold some of them. */
  withoutKeys?: readonly string[]
}

/** What every `ObjectStore` does. `makeStore` is called once, for an empty store. */
export function objectStoreCompliance(
  name: string,
  makeStore: () => Promise<{ store: ObjectStore; cleanup: () => Promise<void> }>,
  supports: Supports = {},
): void {
  describe(`${name} is an ObjectStore`, () => {
    let store: ObjectStore
    let cleanup: (() => Promise<void>) | undefined

    beforeAll(async () => {
      const made = await makeStore()
      store = made.store
      cleanup = made.cleanup
    })
    afterAll(async () => {
      await store?.close?.()
      await cleanup?.()
    })

    test('what was put is there, with its size, and comes back', async () => {
      const bytes = randomBytes(70_001)
      expect(await store.put('basic/one', bytes)).toEqual({ created: true })
      expect(await store.head('basic/one')).toMatchObject({ key: 'basic/one', size: 70_001 })
      expect((await readAll(store, 'basic/one')).equals(bytes)).toBe(true)
      expect((await readAll(store, 'basic/one', { size: 70_001 })).equals(bytes)).toBe(true)
    })

    test('its time is about now', async () => {
      await store.put('basic/dated', randomBytes(3))
      const { modified } = (await store.head('basic/dated'))!
      expect(Math.abs(Date.now() - (modified?.getTime() ?? 0))).toBeLessThan(60_000)
    })

    test('an empty object is an object', async () => {
      await store.put('basic/empty', new Uint8Array(0))
      expect(await store.head('basic/empty')).toMatchObject({ size: 0 })
      expect(await readAll(store, 'basic/empty')).toHaveLength(0)
      expect(await keysOf(store, 'basic/empty')).toEqual(['basic/empty'])
      await store.put('basic/empty-source', source(0, 10).body)
      expect(await store.head('basic/empty-source')).toMatchObject({ size: 0 })
    })

    test('20 MiB that are read as they are sent come back whole', async () => {
      const { body, bytes } = source(20 << 20, 1_000_003)
      await store.put('large/source', body)
      expect((await readAll(store, 'large/source')).equals(bytes)).toBe(true)
      expect(await store.head('large/source')).toMatchObject({ size: 20 << 20 })
    })

    test('20 MiB in memory come back whole', async () => {
      const bytes = randomBytes(20 << 20)
      await store.put('large/memory', bytes)
      expect((await readAll(store, 'large/memory', { size: bytes.length })).equals(bytes)).toBe(true)
    })

    test('memory that is shared between threads can be sent', async () => {
      const bytes = new Uint8Array(new SharedArrayBuffer(300_000)).subarray(100, 250_100)
      bytes.set(randomBytes(250_000))
      await store.put('basic/shared', bytes)
      expect((await readAll(store, 'basic/shared')).equals(bytes)).toBe(true)
    })

    test('a source is opened again for a second put of it', async () => {
      const { body, bytes } = source(100_000, 7_000)
      await store.put('replay/one', body)
      await store.put('replay/two', body)
      expect((await readAll(store, 'replay/one')).equals(bytes)).toBe(true)
      expect((await readAll(store, 'replay/two')).equals(bytes)).toBe(true)
    })

    test.each([
      ['longer', 5_000],
      ['shorter', 15_000],
    ])('a source that is %s than it says leaves no object', async (_, said) => {
      const { body } = source(10_000, 3_000)
      await expect(store.put('torn/one', { size: said, open: () => body.open() })).rejects.toMatchObject({
        code: 'CHANGED_WHILE_READ',
      })
      expect(await store.head('torn/one')).toBeUndefined()
    })

    test('a source that fails leaves no object', async () => {
      const failing: ByteSource = {
        size: 20 << 20,
        *open() {
          yield randomBytes(12 << 20)
          throw new Error('the disk is gone')
        },
      }
      await expect(store.put('torn/two', failing)).rejects.toThrow('the disk is gone')
      expect(await store.head('torn/two')).toBeUndefined()
      expect(await keysOf(store, 'torn/')).toEqual([])
    })

    test('a second put replaces the first', async () => {
      await store.put('over/one', randomBytes(100))
      const bytes = randomBytes(50)
      await store.put('over/one', bytes)
      expect(await readAll(store, 'over/one')).toEqual(bytes)
      expect(await store.head('over/one')).toMatchObject({ size: 50 })
    })

    test.each(ODD_KEYS.filter((key) => !supports.withoutKeys?.includes(key)))('key %s', async (key) => {
      const bytes = randomBytes(11)
      await store.put(`odd/${key}`, bytes)
      expect(await readAll(store, `odd/${key}`)).toEqual(bytes)
      expect(await store.head(`odd/${key}`)).toMatchObject({ key: `odd/${key}`, size: 11 })
      expect(await keysOf(store, `odd/${key}`)).toEqual([`odd/${key}`])
      await store.delete([`odd/${key}`, 'odd/absent'])
      expect(await store.head(`odd/${key}`)).toBeUndefined()
    })

    test.each(['', '/a', 'a/', 'a//b', '../a', 'a/../b', './a', 'a/.', 'a\\b', 'a\0b'])(
      'key %j is refused',
      async (key) => {
        const refused = { code: 'PATH_UNSAFE' }
        await expect(store.put(key, randomBytes(1))).rejects.toMatchObject(refused)
        await expect(store.head(key)).rejects.toMatchObject(refused)
        await expect(readAll(store, key)).rejects.toMatchObject(refused)
        await expect(store.delete([key])).rejects.toMatchObject(refused)
      },
    )

    test('ranges are exactly what was asked for', async () => {
      const bytes = randomBytes(5_000_000)
      await store.put('range/one', bytes)
      for (const [start, end] of [
        [0, 1],
        [0, 5_000_000],
        [4_999_999, 5_000_000],
        [1_000, 1_200_000],
        [17, 4_900_017],
        [10, 10],
      ] as const) {
        const read = await readAll(store, 'range/one', { range: { start, end } })
        expect(read.equals(bytes.subarray(start, end)), `${start}–${end}`).toBe(true)
      }
    })

    test.each([
      [0, 101],
      [50, 200],
      [100, 101],
      [500, 600],
    ])('a range %i–%i beyond the end of 100 bytes is an error', async (start, end) => {
      await store.put('range/short', randomBytes(100))
      await expect(readAll(store, 'range/short', { range: { start, end } })).rejects.toMatchObject({
        code: 'REMOTE_DAMAGED',
      })
    })

    test('an absent object is undefined to head and NOT_FOUND to get', async () => {
      expect(await store.head('absent/one')).toBeUndefined()
      const notFound = { code: 'NOT_FOUND', path: 'absent/one' }
      await expect(readAll(store, 'absent/one')).rejects.toMatchObject(notFound)
      await expect(readAll(store, 'absent/one', { range: { start: 0, end: 5 } })).rejects.toMatchObject(notFound)
    })

    test('the beginning of a key is no object', async () => {
      await store.put('inner/a/b', randomBytes(1))
      expect(await store.head('inner/a')).toBeUndefined()
      await expect(readAll(store, 'inner/a')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    })

    test('the halves of two versions are never joined', async () => {
      const version = {}
      await store.put('version/one', randomBytes(100))
      await readAll(store, 'version/one', { version, range: { start: 0, end: 50 } })
      expect(version).toMatchObject({ size: 100 })
      await readAll(store, 'version/one', { version, range: { start: 50, end: 100 } })
      await store.delete(['version/one'])
      await store.put('version/one', randomBytes(100))
      const rest = readAll(store, 'version/one', { version, range: { start: 50, end: 100 } })
      await expect(rest).rejects.toMatchObject({ code: 'REMOTE_DAMAGED' })
    })

    test.runIf(supports.conditionalPut !== false)('of 16 writers of one key one wins', async () => {
      const bodies = Array.from({ length: 16 }, () => randomBytes(1000))
      const answers = await Promise.all(bodies.map((body) => store.put('race/one', body, { ifNoneMatch: '*' })))
      expect(answers.filter(({ created }) => created)).toHaveLength(1)
      const winner = bodies[answers.findIndex(({ created }) => created)]!
      expect((await readAll(store, 'race/one')).equals(winner)).toBe(true)
      expect(store.capabilities.conditionalPut).toBe(true)
    })

    test('a put that must not overwrite leaves what is there', async () => {
      const bytes = randomBytes(10)
      expect(await store.put('once/one', bytes, { ifNoneMatch: '*' })).toEqual({ created: true })
      expect(await store.put('once/one', randomBytes(10), { ifNoneMatch: '*' })).toEqual({ created: false })
      expect(await store.put('once/one', source(20 << 20, 1 << 20).body, { ifNoneMatch: '*' })).toEqual({
        created: false,
      })
      expect(await readAll(store, 'once/one')).toEqual(bytes)
    })

    test('a prefix is a beginning of the text, not a folder', async () => {
      await Promise.all(['a/b/d', 'a/bc', 'a/x', 'ab', 'b'].map((key) => store.put(`prefix/${key}`, randomBytes(2))))
      expect(await keysOf(store, 'prefix/a/b')).toEqual(['prefix/a/b/d', 'prefix/a/bc'])
      expect(await keysOf(store, 'prefix/a/bc')).toEqual(['prefix/a/bc'])
      expect(await keysOf(store, 'prefix/a/b/')).toEqual(['prefix/a/b/d'])
      expect(await keysOf(store, 'prefix/none')).toEqual([])
      expect(await keysOf(store, 'prefix/a/x/none')).toEqual([])
      expect(await keysOf(store, 'none/at/all')).toEqual([])
    })

    test('a prefix that leads out of the store lists nothing', async () => {
      expect(await keysOf(store, '../')).toEqual([])
      expect(await keysOf(store, '/')).toEqual([])
    })

    test('more keys than fit on a page are all listed, once, with their sizes', async () => {
      const keys = Array.from({ length: 1_105 }, (_, index) => `many/${index % 10}/${index}`)
      await inTurns(keys, 32, (key) => store.put(key, Buffer.from(key)))
      const listed: ObjectInfo[] = []
      for await (const info of store.list('many/')) listed.push(info)
      expect(listed.map(({ key }) => key).sort()).toEqual([...keys].sort())
      expect(listed.every(({ key, size }) => size === key.length)).toBe(true)
      expect(await keysOf(store, 'many/3/')).toHaveLength(111)
      // The listing may be left in its middle.
      for await (const { key } of store.list('many/')) {
        expect(key.startsWith('many/')).toBe(true)
        break
      }
      await store.delete([...keys, 'many/absent'])
      expect(await keysOf(store, 'many/')).toEqual([])
    })

    test('deleting nothing, or what is not there, is no error', async () => {
      await store.delete([])
      await store.delete(['gone/never-there'])
      await store.put('gone/one', randomBytes(1))
      await store.delete(new Set(['gone/one', 'gone/two', 'gone/deep/er']))
      await store.delete(['gone/one'])
      expect(await store.head('gone/one')).toBeUndefined()
    })

    test('an aborted signal ends every call', async () => {
      await store.put('abort/one', randomBytes(1000))
      const signal = AbortSignal.abort(new Error('enough'))
      const interrupted = { code: 'INTERRUPTED' }
      await expect(store.head('abort/one', { signal })).rejects.toMatchObject(interrupted)
      await expect(readAll(store, 'abort/one', { signal })).rejects.toMatchObject(interrupted)
      await expect(store.put('abort/two', randomBytes(10), { signal })).rejects.toMatchObject(interrupted)
      await expect(keysOf(store, 'abort/', signal)).rejects.toMatchObject(interrupted)
      await expect(store.delete(['abort/one'], { signal })).rejects.toMatchObject(interrupted)
      expect(await keysOf(store, 'abort/')).toEqual(['abort/one'])
    })

    test('an abort in the middle of a put leaves no object', async () => {
      const controller = new AbortController()
      const body: ByteSource = {
        size: 40 << 20,
        *open() {
          for (let part = 0; part < 40; part++) {
            if (part === 20) controller.abort()
            yield randomBytes(1 << 20)
          }
        },
      }
      const put = store.put('abort/three', body, { signal: controller.signal })
      await expect(put).rejects.toMatchObject({ code: 'INTERRUPTED' })
      expect(await store.head('abort/three')).toBeUndefined()
    })

    test('an abort in the middle of a get ends it', async () => {
      await store.put('abort/four', randomBytes(8 << 20))
      const controller = new AbortController()
      const read = async (): Promise<void> => {
        for await (const _ of store.get('abort/four', { signal: controller.signal })) controller.abort()
      }
      await expect(read()).rejects.toMatchObject({ code: 'INTERRUPTED' })
    })

    test('a get may be left in its middle', async () => {
      const bytes = randomBytes(8 << 20)
      await store.put('left/one', bytes)
      for (let turn = 0; turn < 20; turn++) {
        for await (const piece of store.get('left/one')) {
          expect(bytes.subarray(0, piece.length).equals(piece)).toBe(true)
          break
        }
      }
      expect((await readAll(store, 'left/one')).equals(bytes)).toBe(true)
    })

    test('64 puts and gets at the same time do not mix', async () => {
      const bodies = Array.from({ length: 64 }, (_, index) => randomBytes(1_000 + index * 777))
      await Promise.all(bodies.map((body, index) => store.put(`crowd/${index}`, body)))
      const read = await Promise.all(bodies.map((_, index) => readAll(store, `crowd/${index}`)))
      expect(read.every((bytes, index) => bytes.equals(bodies[index]!))).toBe(true)
    })
  })
}
