import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { Watch } from './watch.ts'

const SERVER = { base: new URL('http://localhost/') }

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

it('keeps nothing of what has passed through it while the request goes on', async () => {
  const watch = new Watch(SERVER, 60_000, undefined)
  const passed: WeakRef<Uint8Array>[] = []
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 100; i++) {
      const piece = new Uint8Array(1000)
      passed.push(new WeakRef(piece))
      yield piece
    }
  }
  for await (const piece of watch.each(pieces())) expect(piece).toHaveLength(1000)
  await turn()
  collectGarbage()
  const kept = passed.filter((piece) => piece.deref() !== undefined)
  watch.end()
  expect(kept.length).toBeLessThan(10)
})

it('ends everything that is waited for, and what comes later', async () => {
  const watch = new Watch(SERVER, 1, undefined)
  const never = (): Promise<never> => new Promise(() => undefined)
  const waiting = await Promise.allSettled([watch.during(never()), watch.during(never())])
  for (const one of waiting) expect(one).toMatchObject({ status: 'rejected', reason: { code: 'TIMEOUT' } })
  await expect(watch.during(never())).rejects.toMatchObject({ code: 'TIMEOUT' })
  expect(watch.signal.aborted).toBe(true)
  watch.end()
})
