import { describe, expect, it } from 'vitest'
import { inOrder, mapParallel } from './parallel.ts'

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** Takes the longer the earlier it is asked for, and knows how many run. */
function slowly(count: number): { task: (i: number) => Promise<number>; most: () => number; running: () => number } {
  let running = 0
  let most = 0
  const task = async (i: number): Promise<number> => {
    most = Math.max(most, ++running)
    for (let turns = count - i; turns > 0; turns--) await Promise.resolve()
    running--
    return i * 2
  }
  return { task, most: () => most, running: () => running }
}

const fail = async (i: number): Promise<void> => {
  if (i === 3) throw new Error('three')
}

describe('work done a few at a time', () => {
  it('gives results in order, and never runs more than that at once', async () => {
    const { task, most } = slowly(50)
    expect(await mapParallel(numbers(50), task, 4)).toEqual(numbers(50).map((i) => i * 2))
    expect(most()).toBe(4)
  })

  it('fails with the first failure', async () => {
    await expect(mapParallel([1, 2, 3, 4], fail)).rejects.toThrow('three')
    expect(await mapParallel([], fail)).toEqual([])
  })
})

describe('work whose results are taken one by one', () => {
  it('is given in order, and what was not taken yet is no more than runs at once', async () => {
    const { task, most } = slowly(50)
    let begun = 0
    const taken: number[] = []
    const counted = (i: number): Promise<number> => {
      begun++
      return task(i)
    }
    for await (const [item, result] of inOrder(numbers(50), counted, 4)) {
      expect(result).toBe(item * 2)
      taken.push(item)
      expect(begun).toBeLessThanOrEqual(taken.length + 4)
    }
    expect(taken).toEqual(numbers(50))
    expect(most()).toBe(4)
  })

  it('that fails, or is broken off, waits for what runs, and begins nothing more', async () => {
    const taken: number[] = []
    const all = async (): Promise<void> => {
      for await (const [item] of inOrder(numbers(10), fail, 2)) taken.push(item)
    }
    await expect(all()).rejects.toThrow('three')
    expect(taken).toEqual([0, 1, 2])
    const { task, running } = slowly(50)
    for await (const [item] of inOrder(numbers(50), task, 8)) if (item === 5) break
    expect(running()).toBe(0)
    for await (const none of inOrder([], task)) expect(none).toBeUndefined()
  })
})
