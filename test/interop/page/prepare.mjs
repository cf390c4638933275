import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findMlflow } from '../mlflow/place.mjs'
import { startMlflow } from '../mlflow/server.mjs'
import { findTorch } from '../torch/place.mjs'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const GTO = join(ROOT, '.tools/gto/bin/gto')

/**
 * What the commands of a page find: `art` and `python` with PyTorch on PATH, a git identity, a clone of art, MLflow's server where it is installed.
 * `has` lists what sections may ask for.
 * @param {string} base An empty folder.
 * @returns {Promise<{ env: NodeJS.ProcessEnv, has: string[], stop: () => Promise<void> }>}
 */
export async function preparePage(base) {
  const bin = join(base, 'bin')
  for (const folder of ['bin', 'home', 'mlflow']) mkdirSync(join(base, folder))
  symlinkSync(ROOT, join(base, 'art'))
  writeFileSync(
    join(bin, 'art'),
    `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'packages/cli/dist/art.js')}' "$@"\n`,
    { mode: 0o755 },
  )
  const torch = findTorch()
  const active = torch === undefined ? undefined : dirname(dirname(torch.python))
  if (existsSync(GTO)) symlinkSync(GTO, join(bin, 'gto'))
  const python = findMlflow()
  const server = python === undefined ? undefined : await startMlflow(python, join(base, 'mlflow'))
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(ART_|GIT_|AWS_|MLFLOW_|npm_|NODE_OPTIONS|VITEST)/.test(name),
  )
  const env = {
    ...Object.fromEntries(own),
    PATH: [bin, ...(active === undefined ? [] : [join(active, 'bin')]), process.env.PATH].join(delimiter),
    ...(active === undefined ? {} : { VIRTUAL_ENV: active }),
    HOME: join(base, 'home'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
    NO_COLOR: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    ...(server === undefined ? {} : { MLFLOW_TRACKING_URI: server.url }),
  }
  const there = {
    torch: torch !== undefined,
    onnx: torch?.onnx === true,
    gto: existsSync(GTO),
    mlflow: server !== undefined,
  }
  return {
    env,
    has: Object.keys(there).filter((name) => there[name]),
    stop: async () => await server?.stop(),
  }
}
