// `npm test`: unit and end-to-end tests. `node test/run.mjs interop` runs the suites against other people's tools instead.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const projects = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['unit', 'e2e']

// Each entry is a script that brings what a suite needs and prints what it could not bring.
const installers = projects.includes('interop') ? ['test/interop/install.mjs'] : ['test/server/install.mjs']
for (const script of installers) {
  if (!existsSync(`${root}/${script}`)) {
    console.log(`${script} is not there: what needs it is skipped.`)
    continue
  }
  const { status } = spawnSync(process.execPath, [script], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) console.log(`${script} ended with ${status}: what needs it is skipped.`)
}

const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', ...projects.flatMap((name) => ['--project', name])],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
)
process.exit(status ?? 1)
