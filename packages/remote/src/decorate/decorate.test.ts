import { randomBytes } from 'node:crypto'
import { ArtError, type ArtEvent } from '@art/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { MemoryStore } from '../backend/memory/store.ts'
import type { ObjectStore } from '../object-store.ts'
import { readAll } from '../read-all.ts'
import { type FaultRates, faultyStore } from './fault.ts'
import { limitStore } from './limit.ts'
import { DEFAULT_TIME_LIMITS } from './limits.ts'
import { DEFAULT_RETRY, type RetryPolicy, retryStore } from './retry.ts'
import { timeoutStore } from './timeout.ts'

/** A policy that waits for nothing and notes how long it would have. */
function noted(attempts: number, random = 1): { policy: RetryPolicy; delays: number[] } {
  const delays: number[] = []
  const delay = async (milliseconds: number): Promise<void> => void delays.push(milliseconds)
  return { policy: { ...DEFAULT_RETRY, attempts, delay, random: () => random }, delays }
}

function failing(error: unknown): ObjectStore {
  const store = new MemoryStore()
  store.head = async () => {
    throw error
  }
  return store
}

const unavailable = new ArtError('REMOTE_UNAVAILABLE', 'down', { retryable: true, hint: 'wait', path: 'k' })

describe('retry', () => {
  test('waits twice as long each time, up to a bound, and then gives up by name', async () => {
    const { policy, delays } = noted(9)
    const events: ArtEvent[] = []
    const call = retryStore(failing(unavailable), policy).head('k', { onEvent: (event) => events.push(event) })
    await expect(call).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      message: 'down (9 attempts)',
      hint: 'wait',
      retryable: false,
    })
    expect(delays).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
    expect(events[0]).toMatchObject({ type: 'warning', message: 'down; attempt 4 of 9 follows', path: 'k' })
  })

  test('spreads its delays', async () => {
    const { policy, delays } = noted(3, 0)
    await expect(retryStore(failing(unavailable), policy).head('k')).rejects.toThrow()
    expect(delays).toEqual([125, 250])
  })

  test('does not repeat what cannot help', async () => {
    for (const error of [new ArtError('REMOTE_AUTH', 'no'), new TypeError('a mistake')]) {
      const { policy, delays } = noted(5)
      await expect(retryStore(failing(error), policy).head('k')).rejects.toBe(error)
      expect(delays).toEqual([])
    }
  })

  test('ends at once where it is interrupted, and says that', async () => {
    const controller = new AbortController()
    const { policy } = noted(5)
    const delay = async (): Promise<void> => controller.abort()
    const store = retryStore(failing(unavailable), { ...policy, delay })
    await expect(store.head('k', { signal: controller.signal })).rejects.toMatchObject({ code: 'INTERRUPTED' })
  })

  test.each([1, 2, 3, 4, 5])('brings everything through a bad network (seed %i)', async (seed) => {
    const rates: Partial<FaultRates> = { refuse: 0.2, cut: 0.4, lostAnswer: 0.2, latePut: 0.1 }
    const memory = new MemoryStore({ pieceSize: 1000 })
    const faulty = faultyStore(memory, seed, rates)
    const store = retryStore(faulty, noted(100).policy)
    const bodies = Array.from({ length: 30 }, () => randomBytes(10_000))
    for (const [index, body] of bodies.entries()) await store.put(`k${index}`, body)
    await faulty.settle()
    for (const [index, body] of bodies.entries()) {
      expect((await readAll(store, `k${index}`)).equals(body)).toBe(true)
      const range = { start: 500, end: 9_500 }
      expect((await readAll(store, `k${index}`, { range })).equals(body.subarray(500, 9_500))).toBe(true)
    }
    await store.delete(bodies.map((_, index) => `k${index}`))
    expect(memory.size).toBe(0)
    expect(faulty.injected.cut).toBeGreaterThan(0)
    expect(faulty.injected.latePut).toBeGreaterThan(0)
  })
})

describe('fault', () => {
  test('does the same for the same seed', async () => {
    const run = async (seed: number): Promise<string[]> => {
      const store = faultyStore(new MemoryStore(), seed, { refuse: 0.3, lostAnswer: 0.3 })
      const outcomes: string[] = []
      for (let index = 0; index < 50; index++) {
        outcomes.push(
          await store.put(`k${index}`, randomBytes(1)).then(
            () => 'ok',
            (error) => error.message,
          ),
        )
      }
      return outcomes
    }
    expect(await run(1)).toEqual(await run(1))
    expect(await run(1)).not.toEqual(await run(2))
  })

  test('a flipped and a truncated body say nothing: whoever reads has to notice', async () => {
    const memory = new MemoryStore()
    const body = randomBytes(1000)
    await memory.put('k', body)
    const flipped = await readAll(faultyStore(memory, 1, { flip: 1 }), 'k')
    expect(flipped).toHaveLength(1000)
    expect(flipped.equals(body)).toBe(false)
    expect((await readAll(faultyStore(memory, 1, { truncate: 1 }), 'k')).length).toBeLessThan(1000)
    const exact = readAll(faultyStore(memory, 1, { truncate: 1 }), 'k', { size: 1000 })
    await expect(exact).rejects.toMatchObject({ code: 'REMOTE_DAMAGED' })
  })
})

describe('limit', () => {
  test('lets no more through than it should, and all in the end', async () => {
    const memory = new MemoryStore()
    let running = 0
    let most = 0
    const release: (() => void)[] = []
    memory.head = async () => {
      most = Math.max(most, ++running)
      await new Promise<void>((resolve) => release.push(resolve))
      running--
      return undefined
    }
    const store = limitStore(memory, 3)
    const calls = Array.from({ length: 20 }, (_, index) => store.head(`k${index}`))
    const controller = new AbortController()
    const waiting = store.head('aborted', { signal: controller.signal })
    controller.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED' })
    const all = Promise.all(calls)
    let done = false
    void all.then(() => (done = true))
    while (!done) {
      release.shift()?.()
      await Promise.resolve()
    }
    expect(most).toBe(3)
  })

  test('a get that is left in its middle makes room', async () => {
    const memory = new MemoryStore()
    await memory.put('k', randomBytes(1_000_000))
    const store = limitStore(memory, 1)
    for (let turn = 0; turn < 5; turn++) {
      for await (const _ of store.get('k')) break
    }
    await expect(readAll(store, 'absent')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await readAll(store, 'k')).toHaveLength(1_000_000)
  })
})

describe('timeout', () => {
  afterEach(() => vi.useRealTimers())

  const deaf = new Promise<never>(() => {})
  const never: ObjectStore = {
    url: 'never:',
    capabilities: { conditionalPut: true, local: true },
    head: () => deaf,
    put: () => deaf,
    delete: () => deaf,
    get: () => ({ [Symbol.asyncIterator]: () => ({ next: () => deaf, return: () => deaf }) }),
    list: () => ({ [Symbol.asyncIterator]: () => ({ next: () => deaf, return: () => deaf }) }),
  }

  test.each([
    ['head', (store: ObjectStore) => store.head('k'), 60_000],
    ['get', (store: ObjectStore) => readAll(store, 'k'), 30_000],
    ['put', (store: ObjectStore) => store.put('k', Buffer.alloc(16 << 10)), 61_000],
    ['list', async (store: ObjectStore) => void (await store.list('k')[Symbol.asyncIterator]().next()), 60_000],
    ['delete', (store: ObjectStore) => store.delete(['k']), 60_000],
  ])('%s of a store that never answers and hears no signal ends', async (_, call, milliseconds) => {
    vi.useFakeTimers()
    const outcome = call(timeoutStore(never, DEFAULT_TIME_LIMITS)).then(
      () => 'answered',
      (error) => error,
    )
    await vi.advanceTimersByTimeAsync(milliseconds - 1)
    let ended = false
    void outcome.then(() => (ended = true))
    await vi.advanceTimersByTimeAsync(0)
    expect(ended).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await outcome).toMatchObject({ code: 'TIMEOUT', retryable: true })
  })

  test('a reader that takes its time is not blamed on the store', async () => {
    vi.useFakeTimers()
    const memory = new MemoryStore({ pieceSize: 10 })
    await memory.put('k', randomBytes(30))
    let pieces = 0
    for await (const _ of timeoutStore(memory, DEFAULT_TIME_LIMITS).get('k')) {
      pieces++
      await vi.advanceTimersByTimeAsync(100_000)
    }
    expect(pieces).toBe(3)
  })

  test('a body that crawls along for ever is ended too', async () => {
    vi.useFakeTimers()
    const crawling: ObjectStore = {
      ...never,
      async *get() {
        for (;;) {
          await vi.advanceTimersByTimeAsync(20_000)
          yield new Uint8Array(1)
        }
      },
    }
    await expect(readAll(timeoutStore(crawling, DEFAULT_TIME_LIMITS), 'k')).rejects.toMatchObject({ code: 'TIMEOUT' })
  })

  test('the store hears that it need not go on', async () => {
    vi.useFakeTimers()
    let heard: AbortSignal | undefined
    const store = timeoutStore(
      { ...never, head: (_, options) => ((heard = options?.signal), deaf) },
      DEFAULT_TIME_LIMITS,
    )
    const outcome = store.head('k').catch((error) => error)
    await vi.advanceTimersByTimeAsync(60_000)
    await outcome
    expect(heard?.aborted).toBe(true)
  })
})
