import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BROKEN, sound } from './broken-protocols.ts'
import { type Outcome, runSchedule, type Variation } from './schedule.ts'
import { explain, Tally } from './tally.ts'
import { createWorld, type World } from './world.ts'

/** `npm run soak` goes on from here for as long as one likes. */
const SCHEDULES = 1000
const MUTANT_SCHEDULES = 1000

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => {
  rmSync(world.folder, { recursive: true })
})

describe('pushes, gcs and compactions at the same time, in any order, with crashes and lost answers', () => {
  it('lose nothing that a push has acknowledged, leave nothing behind, and come to an end', {
    timeout: 300_000,
  }, async () => {
    const tally = new Tally()
    for (let seed = 0; seed < SCHEDULES && tally.failed.length < 3; seed++) tally.add(await runSchedule(world, seed))
    expect(tally.failed.map((outcome) => explain(outcome)).join('\n')).toBe('')
    // A simulation in which nobody is ever disturbed would show nothing.
    expect(tally.repairShare).toBeGreaterThan(0.05)
    console.log(tally.toString())
  })

  it('happen the same way again for the same seed', async () => {
    for (const seed of [3, 14, 159]) expect(await runSchedule(world, seed)).toEqual(await runSchedule(world, seed))
  })
})

describe('a protocol with one step left out loses data', () => {
  it.each(Object.entries(BROKEN))('%s', { timeout: 120_000 }, async (_, variation) => {
    const found = await firstLoss(variation)
    expect(found).toBeDefined()
    // It was the step and not the schedule.
    expect((await runSchedule(world, found!.seed, sound(variation))).violations).toEqual([])
  })
})

async function firstLoss(variation: Variation): Promise<Outcome | undefined> {
  for (let seed = 0; seed < MUTANT_SCHEDULES; seed++) {
    const outcome = await runSchedule(world, seed, variation)
    if (outcome.violations.some((what) => what.includes('cannot be read'))) return outcome
  }
  return undefined
}
