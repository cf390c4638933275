import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { storeAgain } from './fragments.ts'

/** Places are numbers; each follows the one before it, except at the start of a pack of 1,000. */
const follows = (a: number, b: number): boolean => b === a + 1 && b % 1000 !== 0
const run = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i)
const fresh = (count: number): number[] => new Array<number>(count).fill(-1)

describe('chunks that the remote has are used', () => {
  it('where they lie together', () => {
    const places = [...run(10, 100), ...fresh(3), ...run(200, 50)]
    expect(storeAgain(places, follows)).toEqual(places)
  })

  it('where a file comes with few requests however short they are', () => {
    const places = [...run(10, 1), ...fresh(1), ...run(50, 2), ...fresh(1), ...run(90, 1)]
    expect(storeAgain(places, follows)).toEqual(places)
  })

  it('where only few of many runs are short', () => {
    const places = [...Array.from({ length: 30 }, (_, i) => run(1000 * i, 20)).flat(), ...fresh(1), ...run(90_000, 1)]
    expect(storeAgain(places, follows)).toEqual(places)
  })
})

describe('a file that would be scattered', () => {
  it('has its short runs stored again, and keeps its long ones', () => {
    const scattered = Array.from({ length: 40 }, (_, i) => [...run(1000 * i, 2), -1]).flat()
    const long = run(500_000, 8)
    const places = [...scattered, ...long]
    expect(storeAgain(places, follows)).toEqual([...fresh(scattered.length), ...long])
  })

  it('counts two packs as two places', () => {
    const places = Array.from({ length: 20 }, (_, i) => [...run(2000 * i + 996, 4), ...run(2000 * i + 1000, 4)]).flat()
    expect(storeAgain(places, follows)).toEqual(fresh(places.length))
  })
})

const any = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 12 }).map(fresh),
    fc.tuple(fc.nat(20_000), fc.integer({ min: 1, max: 30 })).map(([first, count]) => run(first, count)),
  ),
  { maxLength: 40 },
)

it('no chunk gets another place, none that was unknown becomes known, and a run goes or stays as a whole', () => {
  fc.assert(
    fc.property(any, (parts) => {
      const places = parts.flat()
      const before = [...places]
      const result = storeAgain(places, follows)
      expect(places).toEqual(before)
      expect(result).toHaveLength(places.length)
      for (const [i, place] of result.entries()) {
        if (place !== places[i]) expect(place).toBe(-1)
        const joined = i > 0 && places[i]! >= 0 && places[i - 1]! >= 0 && follows(places[i - 1]!, places[i]!)
        if (joined) expect(result[i]! >= 0).toBe(result[i - 1]! >= 0)
      }
    }),
  )
})
