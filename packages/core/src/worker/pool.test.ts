import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { ArtError } from '../error.ts'
import type { CoreJobs } from './jobs.ts'
import { createPool, defaultWorkers, type JobInput, type Pool, ThreadPool } from './pool.ts'
import { fromWire, toWire } from './wire.ts'

let pool: Pool | undefined
afterEach(async () => {
  await pool?.close()
  pool = undefined
})

/** Threads that answer as `reply`, an expression over `input` and the thread's `number`, says; undefined is no answer. */
function threads(size: number, reply: string): Pool {
  const code = `
    const { parentPort, workerData: number } = require('node:worker_threads')
    const held = []
    parentPort.on('message', ({ id, job, input }) => {
      const answer = ${reply}
      if (answer !== undefined) parentPort.postMessage({ id, ...answer })
    })`
  pool = new ThreadPool(Array.from({ length: size }, (_, i) => new Worker(code, { eval: true, workerData: i })))
  return pool
}

/** Any job will do: these threads run none. */
const ask = async (on: Pool, input: unknown): Promise<unknown> =>
  await on.run('endScan', input as JobInput<CoreJobs, 'endScan'>)

describe('worker threads', () => {
  it('share the work, and every one is asked where each is', async () => {
    const two = threads(2, '({ result: [number, input] })')
    const answers = (await Promise.all([1, 2, 3, 4].map((n) => ask(two, n)))) as [number, number][]
    expect(answers.map(([, input]) => input)).toEqual([1, 2, 3, 4])
    expect(new Set(answers.map(([number]) => number))).toEqual(new Set([0, 1]))
    const all = (await two.each('endScan', 'x' as never)) as unknown as [number, string][]
    expect(all.map(([number]) => number)).toEqual([0, 1])
  })

  it('give errors back as what they were', async () => {
    const error = toWire(
      new ArtError('DISK_FULL', 'no space left', {
        path: '/x',
        hint: 'Free some.',
        details: [{ path: 'a', message: 'b' }],
      }),
    )
    const one = threads(1, `({ error: ${JSON.stringify(error)} })`)
    await expect(ask(one, 1)).rejects.toMatchObject({
      code: 'DISK_FULL',
      path: '/x',
      hint: 'Free some.',
      details: [{ path: 'a' }],
    })
    await expect(ask(one, 1)).rejects.toBeInstanceOf(ArtError)
    const system = fromWire(toWire(Object.assign(new Error('x'), { code: 'ENOSPC', path: '/y' })))
    expect(system).toMatchObject({ code: 'ENOSPC', path: '/y', message: 'x' })
    expect(fromWire(toWire('text'))).toMatchObject({ message: 'text' })
  })

  it('that die fail what they were asked, and what they are asked later: nobody waits for ever', async () => {
    const crash = threads(1, '(() => { throw new Error("boom") })()')
    await expect(ask(crash, 1)).rejects.toThrow('boom')
    await expect(ask(crash, 2)).rejects.toThrow('boom')
    await expect(crash.each('endScan', 1 as never)).rejects.toThrow('boom')
    const leave = threads(1, 'process.exit(0)')
    await expect(ask(leave, 1)).rejects.toMatchObject({ code: 'INTERNAL' })
    await expect(ask(leave, 1)).rejects.toMatchObject({ code: 'INTERNAL' })
  })

  it('that are ended let go of whoever waits for them', async () => {
    const silent = threads(1, 'undefined')
    const [answer] = await Promise.allSettled([ask(silent, 1), silent.close()])
    expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'INTERNAL' } })
  })
})

it('sources run their jobs in this thread', async () => {
  pool = await createPool(4)
  expect(pool.size).toBe(1)
  expect(await pool.each('endScan', { session: 'none', abandon: false })).toEqual([[]])
  expect(defaultWorkers()).toBeGreaterThanOrEqual(2)
  expect(defaultWorkers()).toBeLessThanOrEqual(8)
})

it('jobs of other packages run beside those of core', async () => {
  const own = { ...(await import('./jobs.ts')).jobs, double: (n: number) => n * 2 }
  const mixed = await createPool(2, async () => own)
  // What core asks of a pool, any pool that can do more can do.
  pool = mixed
  expect(await mixed.run('double', 21)).toBe(42)
  expect(await pool.each('endScan', { session: 'none', abandon: false })).toEqual([[]])
})
