// Brings a fresh clone to where everything runs, with nothing but git, Node and npm: dependencies as locked, then the bundle.
// Says nothing when there is nothing to do.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bundle = join(root, 'packages/cli/dist/art.js')

function stop(message) {
  console.error(message)
  process.exit(1)
}

function run(command, args, whatToDo) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })
  if (status === 0) return
  stop(`${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}\n${command} ${args.join(' ')} failed. ${whatToDo}`)
}

function newest(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return readdirSync(path)
    .filter((name) => name !== 'node_modules' && name !== 'dist')
    .reduce((latest, name) => Math.max(latest, newest(join(path, name))), stat.mtimeMs)
}

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19))
  stop(`Node ${process.versions.node} is too old: art needs 20.19 or newer.`)

const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'pnpm-lock.yaml')))
  .digest('hex')
const stamp = join(root, 'node_modules/.art-installed')
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  const pnpm = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager
  console.log(`Installing dependencies with ${pnpm} …`)
  run(
    'npx',
    ['--yes', pnpm, 'install', '--frozen-lockfile', '--ignore-scripts', '--config.confirmModulesPurge=false'],
    'The first run needs the npm registry: check the network or proxy, then run this again.',
  )
  writeFileSync(stamp, wanted)
}

const sources = Math.max(newest(join(root, 'packages')), newest(stamp))
if (!existsSync(bundle) || statSync(bundle).mtimeMs < sources) {
  console.log('Building packages/cli/dist …')
  run(process.execPath, [join(root, 'packages/cli/build.mjs')], 'The source does not build.')
  if (!existsSync(bundle)) stop(`The build left no ${bundle}.`)
}
