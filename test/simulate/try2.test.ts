import { rmSync } from 'node:fs'
import { it } from 'vitest'
import { createWorld } from './world.ts'
import { runSchedule } from './schedule.ts'
import { BROKEN } from './broken-protocols.ts'
it('mutants', async () => {
  const world = await createWorld()
  const N = Number(process.env.N ?? 400), S = Number(process.env.SEED ?? 0)
  for (const [name, variation] of Object.entries(BROKEN)) {
    if (process.env.ONLY && !name.includes(process.env.ONLY)) continue
    const t0 = performance.now()
    let bad = 0, first = -1, v: string[] = [], ack = 0, rep = 0
    for (let seed = S; seed < S + N; seed++) {
      const o = await runSchedule(world, seed, variation)
      ack += o.acknowledged; rep += o.repaired
      const vv = o.violations.filter((x) => x.includes("cannot be read")); if (vv.length < o.violations.length) console.log(name, seed, o.violations); if (vv.length > 0) { bad++; if (first < 0) { first = seed - S; v = o.violations; if (process.env.TRACE) console.log(o.trace.join('\n')) } }
    }
    console.log(name, { bad, first, ack, rep, ms: performance.now() - t0 }, v[0]?.slice(0, 200))
  }
  rmSync(world.folder, { recursive: true })
}, 1e9)
