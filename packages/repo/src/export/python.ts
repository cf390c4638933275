import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join, resolve } from 'node:path'
import { ArtError } from '@art/core'
import { items, runGit } from '../git/run.ts'
import type { Repo } from '../open.ts'

/** A Python that the user has chosen, one way or another. */
export interface Python {
  /** Absolute; not resolved, since an environment is told by the link that it is called through. */
  executable: string
  /** Why it is this one, for messages: `VIRTUAL_ENV`. */
  by: string
}

export interface PythonPlace {
  cwd: string
  environment: NodeJS.ProcessEnv
  repo?: Pick<Repo, 'root' | 'environment' | 'gitRoot' | 'gitDir'> | undefined
}

const PROGRAMS = process.platform === 'win32' ? ['Scripts/python.exe', 'python.exe'] : ['bin/python', 'bin/python3']
const NAMES = process.platform === 'win32' ? ['python.exe'] : ['python3', 'python']

/**
 * The Python that runs the user's model code: the one that was named, else that of the active environment (`VIRTUAL_ENV`, `CONDA_PREFIX`), of `.venv`
 * in the repository, or the first of PATH. Nothing that git brings decides it: a `.venv` in which git tracks files is passed over, as is one where
 * there is no git to ask, and so are relative folders of PATH. Fails with `NOT_FOUND`.
 */
export async function findPython(named: string | undefined, place: PythonPlace): Promise<Python> {
  const { cwd, environment, repo } = place
  if (named !== undefined) return { executable: namedPython(named, place), by: '--python' }
  for (const variable of ['VIRTUAL_ENV', 'CONDA_PREFIX']) {
    const folder = environment[variable]
    if (!folder) continue
    const executable = isAbsolute(folder) ? programIn(folder) : undefined
    if (executable !== undefined) return { executable, by: variable }
    throw new ArtError('NOT_FOUND', `${variable} names an environment without a Python`, {
      path: folder,
      hint: 'Activate another environment, or name a Python with --python.',
    })
  }
  const own = repo && programIn(join(repo.root, '.venv'))
  if (own !== undefined && (await isOurs(repo!))) return { executable: own, by: '.venv' }
  const found = pythonOnPath(environment)
  if (found !== undefined) return { executable: found, by: 'PATH' }
  throw new ArtError('NOT_FOUND', 'no Python was found', {
    path: cwd,
    hint: 'Activate the environment that has torch, or name its Python with --python.',
  })
}

/** As a shell finds a program: a name on PATH, anything with a slash from the current folder. An environment's folder will do. */
function namedPython(named: string, { cwd, environment }: PythonPlace): string {
  if (!/[/\\]/.test(named)) {
    const found = onPath(named, environment)
    if (found !== undefined) return found
  }
  const path = resolve(cwd, named)
  if (isProgram(path)) return path
  const inside = programIn(path)
  if (inside !== undefined) return inside
  throw new ArtError('NOT_FOUND', 'there is no Python that can be run', {
    path: named,
    hint: 'Name a Python with --python, such as --python .venv/bin/python.',
  })
}

function programIn(folder: string): string | undefined {
  return PROGRAMS.map((program) => join(folder, program)).find(isProgram)
}

/** The first of PATH. */
export function pythonOnPath(environment: NodeJS.ProcessEnv): string | undefined {
  return NAMES.map((name) => onPath(name, environment)).find((path) => path !== undefined)
}

function onPath(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  const folders = (environment['PATH'] ?? environment['Path'] ?? '').split(delimiter).filter((one) => isAbsolute(one))
  return folders.map((folder) => join(folder, name)).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Was it made here? What a clone or an archive brought could be anybody's. */
async function isOurs(repo: NonNullable<PythonPlace['repo']>): Promise<boolean> {
  if (repo.gitRoot === undefined) return false
  const tracked = await runGit(repo, ['--icase-pathspecs', 'ls-files', '-z', '--', '.venv'])
  return items(tracked).length === 0
}
