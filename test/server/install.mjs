// Installs the S3 servers that the tests talk to over real HTTP: versitygw and MinIO through Go, moto through pip where Go is missing.
// `node test/server/install.mjs [--quiet]`. What is there already is left alone; what cannot be had is printed, and is no failure.
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { findServer, TOOLS } from './tools.mjs'

const run = promisify(execFile)
const LARGE = 64 << 20

const GO_SERVERS = [
  { name: 'versitygw', module: 'github.com/versity/versitygw/cmd/versitygw@v1.8.0', takes: 'about a minute' },
  { name: 'minio', module: 'github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c', takes: 'about 3 minutes' },
]

async function works(command, args) {
  return run(command, args).then(
    () => true,
    () => false,
  )
}

async function installWithGo({ name, module, takes }, say) {
  say(`installing ${name} with go (${takes}) …`)
  const env = { ...process.env, GOBIN: path.join(TOOLS, 'bin'), CGO_ENABLED: '0', GOFLAGS: '-trimpath' }
  await run('go', ['install', module], { env, maxBuffer: LARGE })
  say(`installed ${name}`)
}

async function installMoto(python, say) {
  say('installing moto with pip …')
  const home = path.join(TOOLS, 'moto')
  await run(python, ['-m', 'venv', home], { maxBuffer: LARGE })
  await run(path.join(home, 'bin/pip'), ['install', '--quiet', 'moto[s3,server]==5.1.22'], { maxBuffer: LARGE })
  say('installed moto')
}

function reason(error) {
  return String(error.stderr || error.message)
    .trim()
    .split('\n')
    .at(-1)
}

/**
 * @param {(line: string) => void} say
 * @returns {Promise<string[]>} The names of the servers that are there now.
 */
export async function installServers(say = console.log) {
  mkdirSync(path.join(TOOLS, 'bin'), { recursive: true })
  const missing = GO_SERVERS.filter(({ name }) => findServer(name) === undefined)
  if (missing.length > 0 && (await works('go', ['version']))) {
    for (const server of missing) {
      await installWithGo(server, say).catch((error) => say(`skipped ${server.name}: ${reason(error)}`))
    }
  } else {
    for (const { name } of missing) say(`skipped ${name}: no Go on this machine`)
  }
  const present = () => ['versitygw', 'minio', 'moto'].filter((name) => findServer(name) !== undefined)
  if (present().length > 0) return present()
  for (const python of ['python3', 'python']) {
    if (!(await works(python, ['-m', 'venv', '--help']))) continue
    await installMoto(python, say).catch((error) => say(`skipped moto: ${reason(error)}`))
    return present()
  }
  say('skipped moto: no Python on this machine. The tests over HTTP will say that they skip.')
  return present()
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const quiet = process.argv.includes('--quiet')
  const present = await installServers(quiet ? () => {} : console.log)
  if (!quiet)
    console.log(present.length > 0 ? `S3 servers for the tests: ${present.join(', ')}` : 'no S3 server for the tests')
}
