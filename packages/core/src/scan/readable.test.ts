import { expect, it } from 'vitest'
import { indexFromTree } from '../index/from-tree.ts'
import type { TreeLimits } from '../index/tree-budget.ts'
import { eachWorkspace } from '../temporary-each.ts'
import { codeOf, failureOf } from '../temporary-workspace.ts'
import { refuseUnreadable } from './readable.ts'

const work = eachWorkspace()

it('a directory is refused when it is added wherever its tree would be refused when it is read', async () => {
  for (let i = 0; i < 300; i++) work.write(`d${i % 7}/sub/f${i}`, 'x')
  const index = await work.add()
  const limits: TreeLimits[] = []
  for (const most of [1, 7, 13, 14, 15, 100, 313, 314, 315]) limits.push({ entries: most }, { folders: most })
  const outcomes = await Promise.all(
    limits.map(async (one) => [
      (await codeOf(() => refuseUnreadable(work.data, index.sections, one))) === 'none',
      (await codeOf(() => indexFromTree(index.root, work.cache.readNode, one))) === 'none',
    ]),
  )
  for (const [added, read] of outcomes) expect(added).toBe(read)
  expect(outcomes.flat()).toContain(true)
  expect(await failureOf(() => refuseUnreadable(work.data, index.sections, { entries: 9 }))).toMatchObject({
    code: 'UNSUPPORTED',
    path: work.data,
  })
})
