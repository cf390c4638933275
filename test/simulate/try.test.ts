import { rmSync } from 'node:fs'
import { it } from 'vitest'
import { createWorld } from './world.ts'
import { runSchedule } from './schedule.ts'
it('tries', async () => {
  const world = await createWorld()
  const t0 = performance.now()
  let rep = 0, ack = 0, bad = 0, steps = 0, reads = 0
  const N = Number(process.env.N ?? 100), S = Number(process.env.SEED ?? 0)
  for (let seed = S; seed < S + N; seed++) {
    let o
    try { o = await runSchedule(world, seed) } catch (e) { console.log('seed', seed, e); bad++; if (bad > 3) break; continue }
    rep += o.repaired > 0 ? 1 : 0; ack += o.acknowledged; steps += o.steps; reads += o.reads
    if (o.violations.length > 0) { bad++; console.log(seed, o.violations); if (process.env.TRACE) console.log(o.trace.join('\n')); if (bad > 3) break }
  }
  console.log({ rep, ack, bad, steps, reads, ms: performance.now() - t0 })
  rmSync(world.folder, { recursive: true })
}, 1e9)
