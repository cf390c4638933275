import { expect, test } from 'vitest'
import type { PruneResult } from '@art/repo/cleaning-api.ts'
import { PLAIN } from './color.ts'
import { renderPrune } from './prune.ts'
import { displayWidth } from './width.ts'

const RESULT: PruneResult = {
  pruned: [
    {
      path: 'models/simple_cnn_epoch_1.pth',
      pointer: 'models/simple_cnn_epoch_1.pth.art',
      oid: 'a'.repeat(64),
      size: 25_573,
      epoch: 1,
      value: 0.285156,
      dataDeleted: true,
    },
  ],
  kept: [
    {
      path: 'models/simple_cnn_epoch_29.pth',
      size: 25_573,
      epoch: 29,
      value: 0.996094,
      reasons: [{ by: 'resume' }, { by: 'best', detail: '1' }, { by: 'last' }],
    },
  ],
  by: 'val_acc',
  direction: 'highest',
  bytes: { workspace: 25_573, cache: 25_600, remote: 25_700 },
  remote: 'store',
  heldBy: [],
  undo: {
    commit: 'b'.repeat(40),
    files: ['models/simple_cnn_epoch_1.pth.art', 'models/.gitignore'],
    artifacts: ['models/simple_cnn_epoch_1.pth'],
  },
  failed: [],
  gitPaths: [],
  staged: true,
}

test('what went, what stayed and why, and the way back', () => {
  expect(
    renderPrune(RESULT, { columns: undefined, paint: PLAIN, verbose: false }, { targets: ['models/*.pth'] }),
  ).toBe(`gone: 1 checkpoint
  models/simple_cnn_epoch_1.pth  epoch 1  val_acc 0.285156  25.6 kB
kept: 1 artifact
  models/simple_cnn_epoch_29.pth  epoch 29  val_acc 0.996094  25.6 kB  training goes on from it, the best, among the last
freed 25.6 kB in the workspace; 25.6 kB stay in the cache, 25.7 kB on store
  they stay there until a gc, which this version of art does not have;
  for the way back: this branch's history names all of it

to take it back:
  art prune --undo bbbbbbbbbbbb 'models/*.pth'`)
})

test('in a terminal of 80 columns reasons stand below paths, which stay whole', () => {
  const text = renderPrune(RESULT, { columns: 80, paint: PLAIN, verbose: false }, { dryRun: true })
  expect(text).toContain(`kept: 1 artifact
  models/simple_cnn_epoch_29.pth  epoch 29  val_acc 0.996094  25.6 kB
    training goes on from it, the best, among the last
would free`)
  expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(80)
})
