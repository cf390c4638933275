// Brings other people's tools that the interop suites run against, from PyPI into .tools/, each into an environment of its own. What cannot be
// had is printed: its suite skips.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { STAMP } from './torch/place.mjs'

const TOOLS_HERE = fileURLToPath(new URL('../../.tools/', import.meta.url))
mkdirSync(TOOLS_HERE, { recursive: true })
/** Programs of an environment name its Python by the path that it was made under: not by a link that may be gone. */
const TOOLS = `${realpathSync(TOOLS_HERE)}/`

/** What is `optional` may be missing; what is `bare` is installed without what it asks for; `freeGigabytes` are needed on the disk. */
const ENVIRONMENTS = [
  { name: 'pre-commit', requirements: ['pre-commit==4.7.0'], optional: [], freeGigabytes: 1 },
  // typer 0.16 and later no longer work with the click that GTO 1.9 was written for.
  { name: 'gto', requirements: ['gto==1.9.0', 'typer==0.15.4', 'click==8.1.8'], optional: [], freeGigabytes: 1 },
  {
    name: 'torch',
    requirements: ['torch==2.15.0', 'numpy==2.4.6', 'omegaconf==2.4.0', 'safetensors==0.8.0'],
    optional: ['onnx==1.23.2', 'onnxscript==0.7.2'],
    // The archives and what is in them are there at the same time.
    freeGigabytes: 12,
  },
  // What examples/serving needs, and what exports are compared with.
  {
    name: 'serving',
    requirements: ['onnxruntime==1.32.0', 'numpy==2.4.6', 'pillow==13.0.0'],
    optional: [],
    freeGigabytes: 1,
  },
  {
    name: 'mlflow',
    // What its server and client need; `mlflow` itself brings the UI and asks for much more, which takes three times the space.
    requirements: [
      'mlflow-skinny==3.17.2',
      'mlflow-tracing==3.17.2',
      'aiohttp==3.14.5',
      'alembic==1.20.1',
      'Flask==3.1.3',
      'flask-cors==6.0.5',
      'graphene==3.4.3',
      'huey==3.5.4',
      'numpy==2.4.6',
      'pandas==3.1.1',
      'SQLAlchemy==2.1.9',
    ],
    bare: ['mlflow==3.17.2'],
    // For a server that keeps its artifacts in a bucket.
    optional: ['boto3==1.44.8'],
    freeGigabytes: 1,
  },
]

/** A network that hangs must not keep the other suites from running. */
const LIMIT = 10 * 60_000

/** Why it failed, or undefined. */
function failureOf(program, ...args) {
  const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26, timeout: LIMIT })
  if (status === 0) return undefined
  return error?.message ?? stderr.trim().split('\n').at(-1)
}

function install({ name, requirements, bare = [], optional, freeGigabytes }) {
  const home = `${TOOLS}${name}`
  const stamp = `${home}/${STAMP}`
  const needed = [...requirements, ...bare]
  const wanted = [...needed, ...optional]
  const known = existsSync(stamp) ? readFileSync(stamp, 'utf8').split('\n') : []
  if (wanted.every((requirement) => known.includes(requirement))) return undefined
  mkdirSync(TOOLS, { recursive: true })
  const { bavail, bsize } = statfsSync(TOOLS)
  const free = (bavail * bsize) / 1e9
  if (free < freeGigabytes) return `${free.toFixed(1)} GB are free, it needs ${freeGigabytes} while it is installed`
  console.log(`installing ${wanted.join(', ')} from PyPI …`)
  const began = performance.now()
  rmSync(home, { recursive: true, force: true })
  const pip = (...packages) =>
    failureOf(`${home}/bin/pip`, 'install', '--quiet', '--no-compile', '--no-cache-dir', ...packages)
  const failure =
    failureOf('python3', '-m', 'venv', home) ??
    pip(...requirements) ??
    (bare.length === 0 ? undefined : pip('--no-deps', ...bare))
  if (failure !== undefined) {
    // What is half there would be of no use, and is large.
    rmSync(home, { recursive: true, force: true })
    return failure
  }
  const missing = optional.length === 0 ? undefined : pip(...optional)
  if (missing !== undefined) console.log(`skipped ${optional.join(', ')}: ${missing}`)
  writeFileSync(stamp, (missing === undefined ? wanted : needed).join('\n'))
  console.log(`installed ${name} in ${((performance.now() - began) / 1000).toFixed(0)} s`)
  return undefined
}

for (const environment of ENVIRONMENTS) {
  if (process.env[`ART_TEST_${environment.name.toUpperCase()}`]) continue
  const skipped = install(environment)
  if (skipped !== undefined) console.log(`skipped ${environment.name}: ${skipped}`)
}
