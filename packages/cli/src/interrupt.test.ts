import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ART, Workplace } from './built.ts'

let place: Workplace
beforeAll(() => {
  place = new Workplace()
  place.git('init', '-q')
  place.art('init')
})
afterAll(() => place.remove())

it('Ctrl-C ends with 130, says that nothing is lost and what to run again', async () => {
  // Large enough that no machine is through before the signal, sparse so that it takes no disk.
  const file = openSync(join(place.folder, 'big file'), 'w')
  writeSync(file, 'x', 64e9)
  const child = spawn(process.execPath, [ART, 'add', 'big file'], {
    cwd: place.folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (piece: Buffer) => {
    stderr += piece.toString('utf8')
    // The first progress line: it is at work.
    if (stderr.includes('adding') && !child.killed) child.kill('SIGINT')
  })
  const [code] = (await once(child, 'exit')) as [number]
  expect(code).toBe(130)
  expect(stderr).toContain('interrupted')
  expect(stderr).toContain("Run `art add 'big file'` again to finish.")
  expect(place.art('status').code).toBe(0)
}, 60_000)
