import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../backend/memory/store.ts'
import type { GetOptions, ObjectInfo } from '../object-store.ts'
import { decodeCondemned, encodeCondemned, readCondemned } from './condemned.ts'

/** docs/formats.md, section Condemned lists. */
const EXAMPLE = `art-condemned 1
packs/000102030405060708090a0b0c0d0e0f
recipes/f-5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03/8899aabbccddeeff
end 775b5fcb9e37cbea2c8073acc8c0761d3cb0a9d3833a62303565b791f4037fd0
`
const NAMES = EXAMPLE.split('\n').slice(1, 3)

it('is written and read as formats.md says', () => {
  expect(encodeCondemned(NAMES).toString()).toBe(EXAMPLE)
  expect(decodeCondemned(Buffer.from(EXAMPLE), 'key')).toEqual(NAMES)
  const empty = 'art-condemned 1\nend 2fb09bba8952f5a6b62b1133e404934e794d872e818bc7405640dce25f543792\n'
  expect(encodeCondemned([]).toString()).toBe(empty)
  expect(decodeCondemned(Buffer.from(empty), 'key')).toEqual([])
})

it('is refused when it is cut off or altered anywhere: half a list would condemn half', () => {
  fc.assert(
    fc.property(fc.nat({ max: EXAMPLE.length - 1 }), fc.nat({ max: 7 }), (at, bit) => {
      const bytes = Buffer.from(EXAMPLE)
      expect(() => decodeCondemned(bytes.subarray(0, at), 'key')).toThrow(
        expect.objectContaining({ code: 'REMOTE_DAMAGED' }),
      )
      bytes[at]! ^= 1 << bit
      expect(() => decodeCondemned(bytes, 'key')).toThrow(expect.objectContaining({ code: 'REMOTE_DAMAGED' }))
    }),
  )
})

describe('reading all lists', () => {
  const first = 'gc/000000000001-0011223344556677'
  const second = 'gc/000000000002-8899aabbccddeeff'

  it('gives every name of every list', async () => {
    const store = new MemoryStore()
    await store.put(first, encodeCondemned(NAMES.slice(0, 1)))
    await store.put(second, encodeCondemned(NAMES.slice(1)))
    expect(await readCondemned(store)).toEqual(new Set(NAMES))
  })

  it('gives none where there is no list', async () => {
    expect(await readCondemned(new MemoryStore())).toEqual(new Set())
  })

  it('begins again where a list goes meanwhile: what was left of it is in a later one', async () => {
    class Moving extends MemoryStore {
      override async *get(key: string, options?: GetOptions): AsyncGenerator<Uint8Array> {
        if (key === first) {
          await this.put(second, encodeCondemned(NAMES.slice(1)))
          await this.delete([first])
        }
        yield* super.get(key, options)
      }

      override async *list(prefix: string): AsyncGenerator<ObjectInfo> {
        const found = []
        for await (const info of super.list(prefix)) found.push(info)
        yield* found
      }
    }
    const store = new Moving()
    await store.put(first, encodeCondemned(NAMES))
    expect(await readCondemned(store)).toEqual(new Set(NAMES.slice(1)))
  })

  it('fails on one that cannot be read, so that nobody relies on what it may name', async () => {
    const store = new MemoryStore()
    await store.put(first, encodeCondemned(NAMES).subarray(0, 60))
    await expect(readCondemned(store)).rejects.toMatchObject({ code: 'REMOTE_DAMAGED', path: first })
  })

  it('ends when it is interrupted, however often lists come and go', async () => {
    const stop = new AbortController()
    let lists = 0
    class Vanishing extends MemoryStore {
      override async *list(): AsyncGenerator<ObjectInfo> {
        if (++lists === 3) stop.abort()
        yield { key: first, size: 1 }
      }
    }
    await expect(readCondemned(new Vanishing(), { signal: stop.signal })).rejects.toThrow()
    expect(lists).toBe(3)
  })

  it('ends where a store goes on listing what it does not have', async () => {
    class Stale extends MemoryStore {
      override async *list(): AsyncGenerator<ObjectInfo> {
        yield { key: first, size: 1 }
      }
    }
    await expect(readCondemned(new Stale())).rejects.toMatchObject({ code: 'REMOTE_DAMAGED', path: first })
  })

  it('takes no list into memory that no gc would write', async () => {
    const store = new MemoryStore()
    await store.put(first, new Uint8Array((32 << 20) + 1))
    await expect(readCondemned(store)).rejects.toMatchObject({ code: 'REMOTE_DAMAGED', path: first })
  })
})
