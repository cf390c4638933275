import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { outputOf, withScratch } from './output.ts'

let base: string
beforeEach(() => {
  base = realpathSync.native(mkdtempSync(join(tmpdir(), 'art-output-')))
})
afterEach(() => rmSync(base, { recursive: true }))

/** The folder of a get, as a process has left it that was killed, or is at work. */
function scratch(name: string, owner: string, output: string): void {
  mkdirSync(join(base, name))
  writeFileSync(join(base, name, 'owner'), owner)
  writeFileSync(join(base, name, 'output'), output)
  writeFileSync(join(base, name, 'part'), 'x'.repeat(1000))
}

it('a get takes away what a killed one of the same output has left, and nothing else', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  const dead = `${pid} ${hostname()}`
  scratch('.art-get-killed', dead, 'net.pth')
  scratch('.art-get-at-work', `${process.pid} ${hostname()}`, 'net.pth')
  scratch('.art-get-elsewhere', `${pid} another-host`, 'net.pth')
  scratch('.art-get-other', dead, 'other.pth')
  scratch('mine', dead, 'net.pth')
  symlinkSync('mine', join(base, '.art-get-link'))
  mkdirSync(join(base, '.art-get-untold'))
  const rest = readdirSync(base).filter((name) => name !== '.art-get-killed')
  await withScratch(outputOf(base, 'net.pth', undefined), async (own) => {
    // Another that starts meanwhile leaves it alone.
    await withScratch(outputOf(base, 'net.pth', undefined), async () => undefined)
    expect(readdirSync(own).sort()).toEqual(['.gitignore', 'output', 'owner'])
  })
  expect(readdirSync(base)).toEqual(rest)
})
