// Runs a page and writes what its commands print below them: node test/interop/page/write.mjs docs/model-versioning.md
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parsePage } from './parse.mjs'
import { preparePage } from './prepare.mjs'
import { Shell } from './run.mjs'

/** Lines that depend on how fast a machine is. */
const PROGRESS = /^[a-z]+ +\d+ % /

const [page] = process.argv.slice(2)
const text = readFileSync(page, 'utf8')
const base = mkdtempSync(join(tmpdir(), 'art-page-'))
const { env, has, stop } = await preparePage(base)
mkdirSync(join(base, 'state'))
const shell = new Shell({ state: join(base, 'state'), cwd: base, env })
const lines = text.split('\n')
let grown = 0
let failed = 0
for (const { command, exit, shown, line, needs } of parsePage(text)) {
  const missing = needs.filter((name) => !has.includes(name))
  if (missing.length > 0) {
    console.log(`skipped line ${line}: ${missing.join(', ')} is not there`)
    continue
  }
  const { code, output } = shell.run(command)
  console.log(`$ ${command}\n${output}`)
  if (code !== exit) {
    failed++
    console.log(`line ${line}: ended with ${code}, the page says ${exit}`)
  }
  // Lines that the page leaves out stay left out.
  if (shown.includes('…') || shown.length === 0) continue
  const printed = output
    .replaceAll(base, '~')
    .trimEnd()
    .split('\n')
    .filter((one) => !PROGRESS.test(one))
  const at = line + grown + command.split('\n').length - 1
  lines.splice(at, shown.length, ...printed)
  grown += printed.length - shown.length
}
await stop()
rmSync(base, { recursive: true, force: true })
writeFileSync(page, lines.join('\n'))
process.exitCode = failed === 0 ? 0 : 1
