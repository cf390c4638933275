import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { readAll } from '../read-all.ts'
import { type Made } from './material.ts'

/** What is asked for comes, and nothing else. */
export function testReading(at: Made): void {
  test('ranges are exactly what was asked for', async () => {
    const bytes = randomBytes(5_000_000)
    await at.store.put('range/one', bytes)
    for (const [start, end] of [
      [0, 1],
      [0, 5_000_000],
      [4_999_999, 5_000_000],
      [1_000, 1_200_000],
      [17, 4_900_017],
      [10, 10],
    ] as const) {
      const read = await readAll(at.store, 'range/one', { range: { start, end } })
      expect(read.equals(bytes.subarray(start, end)), `${start}–${end}`).toBe(true)
    }
  })

  test.each([
    [0, 101],
    [50, 200],
    [100, 101],
    [500, 600],
  ])('a range %i–%i beyond the end of 100 bytes is an error', async (start, end) => {
    await at.store.put('range/short', randomBytes(100))
    await expect(readAll(at.store, 'range/short', { range: { start, end } })).rejects.toMatchObject({
      code: 'REMOTE_DAMAGED',
    })
  })

  test('an absent object is undefined to head and NOT_FOUND to get', async () => {
    expect(await at.store.head('absent/one')).toBeUndefined()
    const notFound = { code: 'NOT_FOUND', path: 'absent/one' }
    await expect(readAll(at.store, 'absent/one')).rejects.toMatchObject(notFound)
    await expect(readAll(at.store, 'absent/one', { range: { start: 0, end: 5 } })).rejects.toMatchObject(notFound)
  })

  test('the beginning of a key is no object', async () => {
    await at.store.put('inner/a/b', randomBytes(1))
    expect(await at.store.head('inner/a')).toBeUndefined()
    await expect(readAll(at.store, 'inner/a')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('the halves of two versions are never joined', async () => {
    const version = {}
    await at.store.put('version/one', randomBytes(100))
    await readAll(at.store, 'version/one', { version, range: { start: 0, end: 50 } })
    expect(version).toMatchObject({ size: 100 })
    await readAll(at.store, 'version/one', { version, range: { start: 50, end: 100 } })
    await at.store.delete(['version/one'])
    await at.store.put('version/one', randomBytes(100))
    const rest = readAll(at.store, 'version/one', { version, range: { start: 50, end: 100 } })
    await expect(rest).rejects.toMatchObject({ code: 'REMOTE_DAMAGED' })
  })

  test('a get may be left in its middle', async () => {
    const bytes = randomBytes(8 << 20)
    await at.store.put('left/one', bytes)
    for (let turn = 0; turn < 20; turn++) {
      for await (const piece of at.store.get('left/one')) {
        expect(bytes.subarray(0, piece.length).equals(piece)).toBe(true)
        break
      }
    }
    expect((await readAll(at.store, 'left/one')).equals(bytes)).toBe(true)
  })
}
