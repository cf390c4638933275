import { rmSync } from 'node:fs'
import { runSchedule } from './schedule.ts'
import { explain, Tally } from './tally.ts'
import { createWorld } from './world.ts'

/** Runs schedules from a seed on until the time is over, or one alone; returns how many failed. */
export async function soak(
  minutes: number,
  from: number,
  only: number | undefined,
  print: (line: string) => void,
): Promise<number> {
  const world = await createWorld()
  const tally = new Tally()
  try {
    if (only !== undefined) {
      const outcome = await runSchedule(world, only)
      print(explain(outcome, true))
      return outcome.violations.length
    }
    const end = Date.now() + minutes * 60_000
    let told = Date.now()
    for (let seed = from; Date.now() < end; seed++) {
      const outcome = await runSchedule(world, seed)
      tally.add(outcome)
      if (outcome.violations.length > 0) print(explain(outcome))
      if (Date.now() - told < 15_000) continue
      told = Date.now()
      print(`seeds ${from} to ${seed}: ${tally.toString()}`)
    }
    print(`${tally.toString()}, ${tally.failed.length} failed`)
    return tally.failed.length
  } finally {
    rmSync(world.folder, { recursive: true })
  }
}
