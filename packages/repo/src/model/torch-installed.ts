import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { Repo } from '../open.ts'

const METADATA_BYTES = 4096
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/**
 * The version of torch in the environment that is active, or else in the repository's `.venv`, as the wheel's own files say it. Python is
 * not asked.
 */
export function installedTorch({ environment, root }: Pick<Repo, 'environment' | 'root'>): string | undefined {
  const { VIRTUAL_ENV, CONDA_PREFIX } = environment
  for (const folder of [VIRTUAL_ENV, CONDA_PREFIX, join(root, '.venv')]) {
    const version = folder ? versionBelow(folder) : undefined
    if (version !== undefined) return version
  }
  return undefined
}

function versionBelow(environment: string): string | undefined {
  const lib = join(environment, 'lib')
  const pythons = namesIn(lib).filter((name) => /^(?:python|pypy)\d/.test(name))
  for (const folder of [...pythons.map((name) => join(lib, name)), join(environment, 'Lib')]) {
    const packages = join(folder, 'site-packages')
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
