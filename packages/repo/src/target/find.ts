import { type Dirent, lstatSync, readdirSync } from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'
import { ArtError, type ArtErrorCode, fromSystemError } from '@art/core'
import { readPlainFile } from '@art/core/fs/plain-file.ts'
import { dataPathFor, isPointerPath } from '@art/core/pointer/name.ts'
import { MAX_POINTER_BYTES, parsePlainPointer, parsePointer, type Pointer } from '@art/core/pointer/pointer.ts'
import type { Failure } from '../api.ts'
import type { Repo } from '../open.ts'
import { PointerBudget } from './pointer-budget.ts'

/** A pointer in the workspace and where its data belongs. */
export interface Artifact {
  /** Of the data, relative to the root, `/`-separated. */
  path: string
  pointerPath: string
  absolutePath: string
  absolutePointer: string
  pointer: Pointer
  pointerText: string
}

export interface Found {
  /** Sorted by path. */
  artifacts: Artifact[]
  /** Pointers that could not be read, and folders that could not be listed. */
  failed: Failure[]
}

const NEVER_ENTERED = new Set(['.git', '.art', 'node_modules'])

/**
 * Every pointer below a folder of the workspace. Tracked directories are not entered, nor are links, `node_modules` and
 * repositories of their own. All file calls are synchronous; a promise, because an unusual pointer loads the YAML library.
 */
export async function findPointers(repo: Pick<Repo, 'root'>, startDir = ''): Promise<Found> {
  const found: Found = { artifacts: [], failed: [] }
  const folders = [startDir]
  const budget = new PointerBudget()
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = list(repo, folder, found)
    if (folder !== '' && entries.some(isRepository)) continue
    const tracked = new Set<string>()
    for (const { name } of entries) if (isPointerPath(name)) tracked.add(dataPathFor(name))
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) {
        if (!NEVER_ENTERED.has(entry.name) && !tracked.has(entry.name)) folders.push(path)
      } else if (isPointerPath(entry.name)) {
        try {
          found.artifacts.push(readArtifactSync(repo, path, budget) ?? (await readArtifact(repo, path)))
        } catch (error) {
          found.failed.push(failureOf(error, path))
        }
      }
    }
  }
  found.artifacts.sort((a, b) => (a.path < b.path ? -1 : 1))
  return found
}

/** Reads one pointer. Fails as `parsePointer` does, and with `PATH_UNSAFE` where it is a link. */
export async function readArtifact(repo: Pick<Repo, 'root'>, pointerPath: string): Promise<Artifact> {
  const text = readPointerText(repo, pointerPath)
  return artifact(repo, pointerPath, text, await parsePointer(text, { path: pointerPath }))
}

function readArtifactSync(repo: Pick<Repo, 'root'>, pointerPath: string, budget: PointerBudget): Artifact | undefined {
  const text = readPointerText(repo, pointerPath)
  if (!budget.fits(text.length)) throw tooLargeTogether(pointerPath)
  const pointer = parsePlainPointer(text, { path: pointerPath })
  return pointer && artifact(repo, pointerPath, text, pointer)
}

function artifact(repo: Pick<Repo, 'root'>, pointerPath: string, pointerText: string, pointer: Pointer): Artifact {
  const path = pointerPath.slice(0, pointerPath.lastIndexOf('/') + 1) + pointer.path
  const absolutePointer = join(repo.root, pointerPath)
  return { path, pointerPath, absolutePath: join(repo.root, path), absolutePointer, pointer, pointerText }
}

function tooLargeTogether(path: string): ArtError {
  return new ArtError('POINTER_INVALID', 'the pointers of the repository are too large together', {
    path,
    hint: 'Look at the largest of them: a pointer has some hundred bytes.',
  })
}

/** The text of a pointer. Fails as `readPlainFile`. */
export function readPointerText({ root }: Pick<Repo, 'root'>, path: string): string {
  try {
    const hint = 'Restore the file from git, or rename it if it is no pointer.'
    const file = { max: MAX_POINTER_BYTES, what: 'the pointer', code: 'POINTER_INVALID', hint, path } as const
    return readPlainFile(join(root, path), file).toString('utf8')
  } catch (error) {
    throw fromSystemError(error, path)
  }
}

/** As `readPointerText`; undefined where nothing has its name. */
export function pointerTextAt(repo: Pick<Repo, 'root'>, path: string): string | undefined {
  const stat = lstatSync(join(repo.root, path), { throwIfNoEntry: false })
  return stat === undefined ? undefined : readPointerText(repo, path)
}

function list(repo: Pick<Repo, 'root'>, folder: string, found: Found): Dirent[] {
  try {
    return readdirSync(join(repo.root, folder), { withFileTypes: true })
  } catch (error) {
    found.failed.push(failureOf(error, folder))
    return []
  }
}

function isRepository(entry: Dirent): boolean {
  return entry.name === '.git' || (entry.name === '.art' && entry.isDirectory())
}

/** For errors of formats, which do not know what they are read for. */
const WHAT_TO_DO: Partial<Record<ArtErrorCode, string>> = {
  CORRUPT: 'Restore the pointer from git; where that is right, add the data again.',
}

/** What a failed path contributes to a result. */
export function failureOf(error: unknown, path: string): Failure {
  const { code, message, hint = WHAT_TO_DO[code] } = fromSystemError(error, path)
  return { path: path === '' ? '.' : path, code, message, ...(hint === undefined ? {} : { hint }) }
}

/** As `failureOf`, for an artifact: what is wrong inside a directory goes by its own name, and what is wrong elsewhere is told. */
export function failuresOf({ root }: Pick<Repo, 'root'>, error: unknown, path: string): Failure[] {
  const failed = fromSystemError(error, path)
  const { code, hint = WHAT_TO_DO[code], details } = failed
  const places = details.length > 0 ? details : [{ path: failed.path ?? path, message: failed.message }]
  return places.map(({ path: place, message }) => {
    const here = isAbsolute(place) ? relative(root, place).split(sep).join('/') : place
    const inside = here === path || here.startsWith(`${path}/`)
    const text = inside || !isAbsolute(place) ? message : `${message} (${place})`
    return { path: inside ? here : path, code, message: text, ...(hint === undefined ? {} : { hint }) }
  })
}
