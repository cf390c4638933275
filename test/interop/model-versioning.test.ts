import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../e2e/harness.ts'
import { parsePage } from './page/parse.mjs'
import { preparePage } from './page/prepare.mjs'
import { Shell } from './page/run.mjs'
import { skipReason, torch } from './torch/python.ts'

const PAGE = 'docs/model-versioning.md'
const steps = parsePage(readFileSync(join(ROOT, PAGE), 'utf8'))

/** The page for newcomers, command by command, with real training. */
describe.skipIf(torch === undefined)(PAGE, () => {
  let base: string
  let page: Awaited<ReturnType<typeof preparePage>>
  let shell: Shell

  beforeAll(async () => {
    base = realpathSync(mkdtempSync(join(tmpdir(), 'art-page-')))
    page = await preparePage(base)
    mkdirSync(join(base, 'state'))
    shell = new Shell({ state: join(base, 'state'), cwd: base, env: page.env })
  })
  afterAll(async () => {
    await page.stop()
    rmSync(base, { recursive: true, force: true })
  })

  test.for(steps)('$line: $command', ({ command, exit, needs }, context) => {
    const missing = needs.filter((name) => !page.has.includes(name))
    if (missing.length > 0) {
      console.log(`skipped ${command}: ${missing.join(', ')} is not installed`)
      context.skip()
    }
    const { code, output } = shell.run(command)
    expect(code, output).toBe(exit)
  })
})

if (torch === undefined) console.log(`skipped ${PAGE}: ${skipReason}`)
