import { chmodSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ArtEvent } from '@art/core'
import { TemporaryRepo } from '../temporary-repo.ts'
import { exportProgram } from './export-program.ts'

const SEED = fileURLToPath(new URL('../../../../test/data/models/torch/seed.pth', import.meta.url))

/** As Python answers; that it is a shell is nothing to art. */
const PYTHON = `#!/bin/sh
work=$(dirname "$2")
printf x > "$work/product/model.onnx"
printf '%s' '{"ok":true,"result":{"torch":"2.9.0","exporter":"dynamo","compared_with":null,"max_abs_diff":null}}' > "$work/answer.json"
`

let made: TemporaryRepo
beforeEach(async () => {
  made = await TemporaryRepo.create()
})
afterEach(() => made.remove())

// Else a share of 100 % is told for as long as Python takes.
it('tells when Python runs, which has no figures', async () => {
  copyFileSync(SEED, join(made.root, 'seed.pth'))
  made.write('python', PYTHON)
  chmodSync(join(made.root, 'python'), 0o755)
  const events: ArtEvent[] = []
  const { path } = await exportProgram('seed.pth', {
    cwd: made.root,
    environment: made.environment,
    to: 'onnx',
    model: 'm:net',
    input: ['1'],
    python: './python',
    onEvent: (event) => events.push(event),
  })
  expect(path).toBe('seed.onnx')
  const phases = events.flatMap((event) => ('phase' in event ? [event.phase] : []))
  const order = phases.filter((phase, i) => phase !== phases[i - 1])
  expect(order.slice(0, 2)).toEqual(['export', 'python'])
  expect(events.filter((event) => 'phase' in event && event.phase === 'python')).toEqual([
    { type: 'phase', phase: 'python' },
  ])
  expect(order.slice(2)).not.toContain('export')
})
