import { closeSync, constants, existsSync, fstatSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pythonOnPath } from '../export/python.ts'
import type { Repo } from '../open.ts'

const METADATA_BYTES = 4096
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** The environment in which torch would be imported. */
export interface TorchPlace {
  /** Its folder, or a Python's path. */
  of: string
  /** Why it is this one: `VIRTUAL_ENV`. */
  by: string
  /** Of torch; undefined where it is not installed there. */
  version: string | undefined
}

/**
 * Torch in the environment that `export` would run Python of: the active one, else the repository's `.venv`, else that of the first Python of PATH. As
 * the wheel's own files say it; Python is not asked. Undefined where there is none of these.
 */
export function installedTorch({ environment, root }: Pick<Repo, 'environment' | 'root'>): TorchPlace | undefined {
  const { VIRTUAL_ENV, CONDA_PREFIX } = environment
  for (const [folder, by] of [
    [VIRTUAL_ENV, 'VIRTUAL_ENV'],
    [CONDA_PREFIX, 'CONDA_PREFIX'],
    [join(root, '.venv'), '.venv'],
  ] as const)
    if (folder && existsSync(folder)) return { of: folder, by, version: versionBelow(folder) }
  const python = pythonOnPath(environment)
  if (python === undefined) return undefined
  const folder = dirname(dirname(python))
  const version = systemFolders(folder, environment)
    .map((one) => versionBelow(one, minorOf(python)))
    .find((one) => one !== undefined)
  return { of: python, by: 'PATH', version }
}

/** Where a Python that is no virtual environment's looks too: what its user has installed, and what the administrator has. */
function systemFolders(folder: string, { HOME }: NodeJS.ProcessEnv): string[] {
  if (existsSync(join(folder, 'pyvenv.cfg'))) return [folder]
  return [...(HOME ? [join(HOME, '.local')] : []), ...(folder === '/usr' ? ['/usr/local'] : []), folder]
}

/** `3.12`, by the file that a link such as `python3` leads to. */
function minorOf(python: string): string | undefined {
  return /(\d+\.\d+)$/.exec(realpathSync(python))?.[1]
}

/** `minor`: of folders of several Pythons only that one's. */
function versionBelow(environment: string, minor?: string): string | undefined {
  const lib = join(environment, 'lib')
  const pythons = namesIn(lib).filter((name) => /^(?:python|pypy)\d/.test(name))
  const own = pythons.filter((name) => minor === undefined || !name.includes('.') || name.endsWith(minor))
  const folders = [...own.map((name) => join(lib, name)), join(environment, 'Lib')]
  for (const packages of folders.flatMap((one) => [join(one, 'site-packages'), join(one, 'dist-packages')])) {
    for (const name of namesIn(packages)) {
      if (!/^torch-[^-]+\.dist-info$/.test(name)) continue
      const version = versionIn(join(packages, name, 'METADATA'))
      if (version !== undefined) return version
    }
  }
  return undefined
}

/** `Version: 2.9.0+cpu`, in the head of the file. */
function versionIn(metadata: string): string | undefined {
  let fd: number | undefined
  try {
    fd = openSync(metadata, FLAGS)
    if (!fstatSync(fd).isFile()) return undefined
    const head = Buffer.alloc(METADATA_BYTES)
    const text = head.toString('utf8', 0, readSync(fd, head, 0, METADATA_BYTES, 0))
    return /^Version: (\d+\.\d+[\w.+-]{0,40})\r?$/m.exec(text)?.[1]
  } catch {
    return undefined
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}
