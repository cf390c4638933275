import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../oid.ts'
import { ChunkIndex } from './chunk-index.ts'
import { PackTableBuilder } from './table-builder.ts'

function idOf(name: string): Buffer {
  return sha256(Buffer.from(name))
}

function tableOf(ids: readonly Uint8Array[]): { table: Uint8Array; count: number } {
  const builder = new PackTableBuilder()
  for (const id of ids) builder.add(id, 0, 0, 0, 0)
  return { table: builder.finish(), count: ids.length }
}

describe('chunk index', () => {
  it('finds every id in its pack, and no other', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { maxLength: 12 }), (sizes) => {
        const packs = sizes.map((size, pack) => Array.from({ length: size }, (_, i) => idOf(`${pack}/${i}`)))
        const index = ChunkIndex.build(packs.map(tableOf))
        expect(index.count).toBe(packs.flat().length)
        for (const [pack, ids] of packs.entries()) {
          for (const [entry, id] of ids.entries()) {
            const found = index.lookup(Buffer.concat([Buffer.alloc(3), id]), 3)
            expect([index.packOf(found), index.entryOf(found)]).toEqual([pack, entry])
          }
        }
        expect(index.lookup(idOf('absent'))).toBe(-1)
      }),
      { numRuns: 30 },
    )
  })

  it('finds the first of equal ids', () => {
    const id = idOf('twice')
    const index = ChunkIndex.build([tableOf([]), tableOf([idOf('x'), id]), tableOf([id])])
    expect(index.packOf(index.lookup(id))).toBe(1)
    expect(index.entryOf(index.lookup(id))).toBe(1)
  })

  it('leaves out what it is told to, and finds the same id elsewhere', () => {
    const [one, two] = [idOf('one'), idOf('two')]
    const index = ChunkIndex.build([{ ...tableOf([one, two]), without: new Set([0, 1]) }, tableOf([two])])
    expect(index.lookup(one)).toBe(-1)
    expect(index.packOf(index.lookup(two))).toBe(1)
    expect(index.entryOf(index.lookup(two))).toBe(0)
  })

  it('is the same in another thread', () => {
    const { state } = ChunkIndex.build([tableOf([idOf('a'), idOf('b')])])
    const other = ChunkIndex.from(structuredClone(state))
    expect(other.lookup(idOf('b'))).toBe(1)
    expect(other.lookup(idOf('c'))).toBe(-1)
  })

  it('is not slowed down by ids chosen to be alike', () => {
    const ids = Array.from({ length: 20_000 }, (_, i) => {
      const id = Buffer.alloc(32, 7)
      id.writeUInt32BE(i, 28)
      return id
    })
    const index = ChunkIndex.build([tableOf(ids)])
    for (const [i, id] of ids.entries()) expect(index.lookup(id)).toBe(i)
  })
})
