import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ReliedPack, Slots } from './slots.ts'

const pack = (n: number): ReliedPack => ({ name: n.toString(16).padStart(32, '0'), size: 1000 + n, chunks: 100 })

/** The chunks that a recipe's runs name, one after another. */
function chunksOf({ packs, runs }: { packs: ReliedPack[]; runs: Uint32Array }): string[] {
  const chunks: string[] = []
  for (let i = 0; i < runs.length; i += 3) {
    for (let k = 0; k < runs[i + 2]!; k++) chunks.push(`${packs[runs[i]!]!.name} ${runs[i + 1]! + k}`)
  }
  return chunks
}

describe('a stream becomes runs', () => {
  it('neighbours of one pack make one', () => {
    const slots = new Slots()
    const a = slots.addPack(pack(0))
    const stream = [7, 8, 9].map((entry) => {
      const slot = slots.open()
      slots.resolve(slot, a, entry)
      return slot
    })
    expect(slots.recipe(stream)).toEqual({ packs: [pack(0)], runs: Uint32Array.of(0, 7, 3) })
  })

  it('a content of several chunks, and one that occurs twice, is named each time', () => {
    const slots = new Slots()
    const a = slots.addPack(pack(0))
    const b = slots.addPack(pack(1))
    const long = slots.open()
    const short = slots.open()
    slots.resolve(short, b, 0)
    for (const entry of [4, 5, 6]) slots.resolve(long, a, entry)
    expect(slots.recipe([long, short, long])).toEqual({
      packs: [pack(0), pack(1)],
      runs: Uint32Array.of(0, 4, 3, 1, 0, 1, 0, 4, 3),
    })
  })

  it('only packs that the stream uses are named', () => {
    const slots = new Slots()
    for (let n = 0; n < 5; n++) slots.addPack(pack(n))
    const slot = slots.open()
    slots.resolve(slot, 3, 1)
    expect(slots.recipe([slot])).toEqual({ packs: [pack(3)], runs: Uint32Array.of(0, 1, 1) })
    expect(slots.recipe([])).toEqual({ packs: [], runs: new Uint32Array(0) })
  })
})

it('whatever the slots hold, in whatever order they are filled, the runs name their chunks in order and no shorter way', () => {
  const place = fc.record({ pack: fc.nat(3), entry: fc.nat(9) })
  const contents = fc.array(fc.array(place, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(contents, fc.array(fc.nat(7), { maxLength: 20 }), fc.nat(), (list, picks, turn) => {
      const slots = new Slots()
      for (let n = 0; n < 4; n++) slots.addPack(pack(n))
      const opened = list.map(() => slots.open())
      // Groups of different slots are packed in any order; the chunks of one slot come in theirs.
      for (let i = 0; i < list.length; i++) {
        const at = (i + turn) % list.length
        for (const { pack: number, entry } of list[at]!) slots.resolve(opened[at]!, number, entry)
      }
      const stream = picks.map((n) => n % list.length)
      const recipe = slots.recipe(stream.map((n) => opened[n]!))
      const wanted = stream.flatMap((n) => list[n]!.map((one) => `${pack(one.pack).name} ${one.entry}`))
      expect(chunksOf(recipe)).toEqual(wanted)
      for (let i = 3; i < recipe.runs.length; i += 3) {
        const joins =
          recipe.runs[i] === recipe.runs[i - 3] && recipe.runs[i + 1] === recipe.runs[i - 2]! + recipe.runs[i - 1]!
        expect(joins).toBe(false)
      }
      expect(new Set(recipe.packs.map(({ name }) => name)).size).toBe(recipe.packs.length)
    }),
  )
})
