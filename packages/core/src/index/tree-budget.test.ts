import { describe, expect, it } from 'vitest'
import { sha256 } from '../oid.ts'
import { TreeBudget } from './tree-budget.ts'

const oid = (n: number): Buffer => sha256(Buffer.from(String(n)))

/** How many entries fit, up to `most`. `node`: entries of one node and its bytes, told before them; else nodes repeat. */
function fitting(most: number, isFolder: boolean, node?: { entries: number; bytes: number }, characters = 4): number {
  const budget = new TreeBudget()
  for (let i = 0; i < most; i++) {
    if (node !== undefined && i % node.entries === 0) budget.addNode(oid(i), node.bytes)
    if (budget.takeEntry(isFolder, characters) !== undefined) return i
  }
  return most
}

describe('the memory that a tree may take', () => {
  it('ends what repeats itself well before it is large', () => {
    expect(fitting(2_000_000, false)).toBeLessThan(900_000)
    expect(fitting(2_000_000, false)).toBeGreaterThan(800_000)
    expect(fitting(2_000_000, true)).toBeLessThan(400_000)
  })

  it('counts long paths for what they are', () => {
    const deep = 251 * 200
    expect(fitting(2_000_000, true, undefined, deep)).toBeLessThan(2000)
    expect(fitting(2_000_000, false, undefined, deep)).toBeLessThan(6000)
  })

  it('does not stand in the way of what is really there: files by the million, folders of a file each', () => {
    expect(fitting(3_000_000, false, { entries: 256, bytes: 256 * 52 })).toBe(3_000_000)
    // A folder of one file is two entries, in nodes of 20 + 48 bytes and a share of one above.
    const budget = new TreeBudget()
    let refused: string | undefined
    for (let i = 0; i < 900_000; i++) {
      budget.addNode(oid(i), 20 + 48 + 48)
      refused ??= budget.takeEntry(true, 20) ?? budget.takeEntry(false, 30)
    }
    expect(refused).toBeUndefined()
  })

  it('gives nothing for a node that was met before', () => {
    const budget = new TreeBudget()
    let taken = 0
    for (; budget.takeEntry(true, 4) === undefined; taken++) budget.addNode(oid(taken % 20), 60_000)
    expect(taken).toBeLessThan(430_000)
  })
})
