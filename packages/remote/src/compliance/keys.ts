import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { ObjectInfo } from '../object-store.ts'
import { readAll } from '../read-all.ts'
import { inTurns, keysOf, ODD_KEYS, type Made, type Supports } from './material.ts'

/** Keys that are odd, listed, deleted, refused. */
export function testKeys(at: Made, supports: Supports): void {
  test.each(ODD_KEYS.filter((key) => !supports.withoutKeys?.includes(key)))('key %s', async (key) => {
    const bytes = randomBytes(11)
    await at.store.put(`odd/${key}`, bytes)
    expect(await readAll(at.store, `odd/${key}`)).toEqual(bytes)
    expect(await at.store.head(`odd/${key}`)).toMatchObject({ key: `odd/${key}`, size: 11 })
    expect(await keysOf(at.store, `odd/${key}`)).toEqual([`odd/${key}`])
    await at.store.delete([`odd/${key}`, 'odd/absent'])
    expect(await at.store.head(`odd/${key}`)).toBeUndefined()
  })

  test.each(['', '/a', 'a/', 'a//b', '../a', 'a/../b', './a', 'a/.', 'a\\b', 'a\0b'])(
    'key %j is refused',
    async (key) => {
      const refused = { code: 'PATH_UNSAFE' }
      await expect(at.store.put(key, randomBytes(1))).rejects.toMatchObject(refused)
      await expect(at.store.head(key)).rejects.toMatchObject(refused)
      await expect(readAll(at.store, key)).rejects.toMatchObject(refused)
      await expect(at.store.delete([key])).rejects.toMatchObject(refused)
    },
  )

  test('a prefix is a beginning of the text, not a folder', async () => {
    await Promise.all(['a/b/d', 'a/bc', 'a/x', 'ab', 'b'].map((key) => at.store.put(`prefix/${key}`, randomBytes(2))))
    expect(await keysOf(at.store, 'prefix/a/b')).toEqual(['prefix/a/b/d', 'prefix/a/bc'])
    expect(await keysOf(at.store, 'prefix/a/bc')).toEqual(['prefix/a/bc'])
    expect(await keysOf(at.store, 'prefix/a/b/')).toEqual(['prefix/a/b/d'])
    expect(await keysOf(at.store, 'prefix/none')).toEqual([])
    expect(await keysOf(at.store, 'prefix/a/x/none')).toEqual([])
    expect(await keysOf(at.store, 'none/at/all')).toEqual([])
  })

  test('a prefix that leads out of the store lists nothing', async () => {
    expect(await keysOf(at.store, '../')).toEqual([])
    expect(await keysOf(at.store, '/')).toEqual([])
  })

  test('more keys than fit on a page are all listed, once, with their sizes', async () => {
    const keys = Array.from({ length: 1_105 }, (_, index) => `many/${index % 10}/${index}`)
    await inTurns(keys, 32, (key) => at.store.put(key, Buffer.from(key)))
    const listed: ObjectInfo[] = []
    for await (const info of at.store.list('many/')) listed.push(info)
    expect(listed.map(({ key }) => key).sort()).toEqual([...keys].sort())
    expect(listed.every(({ key, size }) => size === key.length)).toBe(true)
    expect(await keysOf(at.store, 'many/3/')).toHaveLength(111)
    // The listing may be left in its middle.
    for await (const { key } of at.store.list('many/')) {
      expect(key.startsWith('many/')).toBe(true)
      break
    }
    await at.store.delete([...keys, 'many/absent'])
    expect(await keysOf(at.store, 'many/')).toEqual([])
  })

  test('deleting nothing, or what is not there, is no error', async () => {
    await at.store.delete([])
    await at.store.delete(['gone/never-there'])
    await at.store.put('gone/one', randomBytes(1))
    await at.store.delete(new Set(['gone/one', 'gone/two', 'gone/deep/er']))
    await at.store.delete(['gone/one'])
    expect(await at.store.head('gone/one')).toBeUndefined()
  })
}
