import { expect, it } from 'vitest'
import { MemoryStore } from '../backend/memory/store.ts'
import { incoming, Weights } from './weights.ts'

/** Work that ends when it is told to. */
function held(
  weights: Weights,
  weight: number,
  begun: string[],
  name: string,
): { end: () => void; done: Promise<void> } {
  let end: () => void = () => undefined
  const until = new Promise<void>((resolve) => {
    end = resolve
  })
  const done = weights.run(weight, async () => {
    begun.push(name)
    await until
  })
  return { end, done }
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

it('what weighs too much together waits, in order; what is heavier than all goes alone', async () => {
  const weights = new Weights(10)
  const begun: string[] = []
  const a = held(weights, 6, begun, 'a')
  const b = held(weights, 4, begun, 'b')
  const huge = held(weights, 50, begun, 'huge')
  const light = held(weights, 1, begun, 'light')
  await settle()
  expect(begun).toEqual(['a', 'b'])
  a.end()
  await a.done
  await settle()
  expect(begun).toEqual(['a', 'b'])
  b.end()
  await b.done
  await settle()
  expect(begun).toEqual(['a', 'b', 'huge'])
  huge.end()
  await huge.done
  await settle()
  expect(begun).toEqual(['a', 'b', 'huge', 'light'])
  light.end()
  await light.done
})

it('work that fails makes room too', async () => {
  const weights = new Weights(10)
  const failing = weights.run(10, async () => {
    throw new Error('broken')
  })
  const after = weights.run(10, async () => 'done')
  await expect(failing).rejects.toThrow('broken')
  expect(await after).toBe('done')
})

it('every store has weights of its own', () => {
  const store = new MemoryStore()
  expect(incoming(store)).toBe(incoming(store))
  expect(incoming(store)).not.toBe(incoming(new MemoryStore()))
})
