import { expect, it } from 'vitest'
import { sha256 } from '../oid.ts'
import { IdSet } from './id-set.ts'

it('holds what was added and nothing else, however often it grows', () => {
  const id = (n: number): Uint8Array => sha256(Buffer.from(`${n}`))
  const set = new IdSet()
  for (let n = 0; n < 20_000; n++) {
    expect(set.has(id(n))).toBe(false)
    set.add(id(n))
    set.add(id(n))
  }
  for (let n = 0; n < 40_000; n++) expect(set.has(id(n))).toBe(n < 20_000)
})

it('takes ids that differ in their last byte only', () => {
  const set = new IdSet()
  const ids = Array.from({ length: 256 }, (_, n) => Uint8Array.from({ length: 32 }, (__, i) => (i === 31 ? n : 7)))
  for (const id of ids.filter((_, n) => n % 2 === 0)) set.add(id)
  expect(ids.map((id) => set.has(id))).toEqual(ids.map((_, n) => n % 2 === 0))
})
