// `node test/node/run.mjs 24`: a part of the tests on another version of Node than the one that built: what reads and writes formats, and the
// built program from init to pull, with hooks. Node comes from npm, where it is a package like any other, into .tools/.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const [major = '24'] = process.argv.slice(2)
const SUITES = [
  ['unit', 'packages/core/'],
  ['e2e', 'walk.test.ts', 'hooks.test.ts', 'transfer.test.ts', 'terminal.test.ts'],
]

/** The package of a platform holds the program itself, and needs no script of its own to run when it is installed. */
function install(home) {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const program = join(home, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(program)) return program
  console.log(`installing ${name}@${major} from npm …`)
  const { status, error, stderr } = spawnSync(
    'npm',
    ['install', '--prefix', home, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', `${name}@${major}`],
    { encoding: 'utf8', cwd: root, shell: process.platform === 'win32' },
  )
  if (status === 0 && existsSync(program)) return program
  console.log(
    `skipped Node ${major}: ${error?.message ?? (stderr.trim().split('\n').at(-1) || `npm ended with ${status}`)}`,
  )
  return undefined
}

const node = install(join(root, '.tools', `node${major}`))
if (node !== undefined) {
  console.log(`Node ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()}`)
  for (const [project, ...files] of SUITES) {
    const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, ...files]
    const { status } = spawnSync(node, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    if (status !== 0) process.exitCode = 1
  }
}
