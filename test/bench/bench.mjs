// `npm run bench`: art beside real DVC, in one run on one machine and disk. See docs/benchmarks.md for what each row means.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { machine, report } from './report.mjs'
import { SCENARIOS } from './scenarios.mjs'
import { art, BUNDLE, cleanEnvironment, dvc, installRivals, unsynced } from './tools.mjs'

const USAGE = `npm run bench -- [options]
  --only a,b     scenarios: ${Object.keys(SCENARIOS).join(', ')}
  --tools a,b    art, dvc (both by default), unsynced (art with an fsync that does nothing)
  --runs N       of the scenarios with large files (3)
  --quick        a twentieth of the sizes: shows that it runs, says nothing about speed
  --dir PATH     where to work (the system's temporary folder); a whole run needs about 45 GB free, as small files stay until its end
  --out FILE     where the tables go; docs/benchmarks.md after a whole run`

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    tools: { type: 'string', default: 'art,dvc' },
    runs: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    dir: { type: 'string', default: tmpdir() },
    out: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const only = options.only?.split(',') ?? Object.keys(SCENARIOS)
const unknown = only.filter((name) => !(name in SCENARIOS))
if (options.help || unknown.length > 0) {
  console.log(unknown.length > 0 ? `no such scenario: ${unknown.join(', ')}\n\n${USAGE}` : USAGE)
  process.exit(unknown.length > 0 ? 2 : 0)
}

const tools = []
const wanted = options.tools.split(',')
if (wanted.includes('dvc')) {
  const missing = installRivals()
  if (missing === undefined) tools.push(dvc)
  else console.log(`skipped DVC and s5cmd: ${missing}`)
}
if (!existsSync(BUNDLE)) console.log(`skipped art: ${BUNDLE} is not built`)
else for (const tool of [art, unsynced]) if (wanted.includes(tool.name)) tools.push(tool)

const base = mkdtempSync(join(options.dir, 'art-bench-'))
process.once('exit', () => rmSync(base, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))

const times = new Map()
const facts = new Map()
const errors = []
const bench = {
  base,
  env: cleanEnvironment(base),
  tools,
  scale: options.quick ? 0.05 : 1,
  runs: options.quick ? 1 : Number(options.runs),
  record(row, tool, measurement) {
    const { seconds, peak } = measurement
    const byTool = times.get(row) ?? {}
    times.set(row, { ...byTool, [tool.name]: [...(byTool[tool.name] ?? []), { seconds, peak }] })
    console.log(
      `${row.padEnd(22)} ${tool.name.padEnd(4)} ${seconds.toFixed(3).padStart(9)} s${peak ? `  ${(peak / 1e6).toFixed(0)} MB` : ''}`,
    )
  },
  fact(row, value) {
    facts.set(row, value)
    console.log(`${row.padEnd(22)} ${value.toFixed(3)}`)
  },
  skip(scenario, reason) {
    console.log(`skipped ${scenario}: ${reason}`)
  },
}

const about = machine(
  base,
  tools.map((tool) => `${tool.name} ${tool.version()}`),
)
console.log(about)
for (const name of only) {
  const needsArt = ['startup', 'bytes', 'memory', 'linear'].includes(name)
  if (needsArt && !tools.includes(art)) {
    bench.skip(name, 'art is not among the tools')
    continue
  }
  console.log(`\n--- ${name}`)
  try {
    await SCENARIOS[name](bench)
  } catch (error) {
    errors.push(name)
    console.error(`${name} failed: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const { markdown, failed } = report(times, facts)
console.log(`\n${markdown}`)
const whole = options.only === undefined && !options.quick && tools.includes(dvc) && tools.includes(art)
const out = options.out ?? (whole ? fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url)) : undefined)
if (out !== undefined) {
  const { page } = await import('./page.mjs')
  writeFileSync(out, page(about, markdown))
  console.log(`\nwritten to ${out}`)
}
for (const title of failed) console.log(`not at its bar: ${title}`)
for (const name of errors) console.log(`did not run to its end: ${name}`)
process.exitCode = failed.length + errors.length > 0 ? 1 : 0
