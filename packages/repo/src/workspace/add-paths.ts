import { lstatSync, readdirSync, statSync } from 'node:fs'
import { join, posix, resolve } from 'node:path'
import { ArtError } from '@art/core'
import { dataPathFor, isPointerPath, POINTER_SUFFIX, pointerPathFor } from '@art/core/pointer/name.ts'
import type { AddOptions, Failure } from '../api.ts'
import { closest } from '../config/suggest.ts'
import { ignoredByGit, trackedByGit } from '../git/staging.ts'
import type { Repo } from '../open.ts'
import { shellWord } from '../shell-word.ts'
import { failureOf, findPointers } from '../target/find.ts'
import { isGlob } from '../target/glob.ts'
import { assertInside, namedPath, repoPath, typedPath } from '../target/path.ts'

/** Root-relative paths of data that can be added, each once; what cannot is in `failed`. */
export async function pathsToAdd(
  repo: Repo,
  names: readonly string[],
  options: AddOptions,
): Promise<{ paths: string[]; failed: Failure[] }> {
  const named = new Set<string>()
  const failed: Failure[] = []
  for (const name of names) {
    try {
      for (const one of await expand(repo, name, options)) {
        const path = dataOf(repo, repoPath(repo, one))
        checkKind(repo, path, options)
        named.add(path)
      }
    } catch (error) {
      failed.push(failureOf(error, namedPath(repo, name)))
    }
  }
  const paths = topmost([...named])
  const refused = await refusals(repo, paths)
  for (const [path, error] of refused) failed.push(failureOf(error, path))
  return { paths: paths.filter((path) => !refused.has(path)), failed }
}

async function expand(repo: Repo, name: string, { glob }: AddOptions): Promise<string[]> {
  const exists = lstatSync(join(repo.root, repoPath(repo, name)), { throwIfNoEntry: false }) !== undefined
  if (!(glob || isGlob(name)) || (exists && !glob)) return [name]
  const { default: fastGlob } = await import('fast-glob')
  const found = await fastGlob(name, {
    cwd: repo.cwd,
    onlyFiles: false,
    dot: false,
    ignore: ['**/*.art', '**/.git/**', '**/.art/**'],
  })
  if (found.length > 0) return topmost(found.sort())
  throw new ArtError('NOT_FOUND', 'nothing matches the pattern', {
    path: name,
    hint: 'Check the pattern; quote it for the shell.',
  })
}

/** Leaves out what lies in a folder that is named too, as a pattern such as `data/**` does: the folder is what is meant. */
function topmost(paths: string[]): string[] {
  const named = new Set(paths)
  const isCovered = (path: string): boolean => {
    for (let above = posix.dirname(path); above !== '.' && above !== '/'; above = posix.dirname(above)) {
      if (named.has(above)) return true
    }
    return false
  }
  return paths.filter((path) => !isCovered(path))
}

/** What to add for a path: data for its pointer, the tracked directory for something inside it. */
function dataOf(repo: Repo, path: string): string {
  if (path === '') {
    throw new ArtError('USAGE', 'the repository itself cannot be added', {
      path: '.',
      hint: 'Name folders or files in it.',
    })
  }
  if (isPointerPath(path)) return dataPathFor(path)
  for (let above = posix.dirname(path); above !== '.'; above = posix.dirname(above)) {
    if (hasPointer(repo, above)) return above
  }
  return path
}

function checkKind(repo: Repo, path: string, { dereference, facts }: AddOptions): void {
  assertInside(repo, path)
  pointerPathFor(path)
  const absolute = join(repo.root, path)
  const stat = lstatSync(absolute, { throwIfNoEntry: false })
  if (stat === undefined) {
    if (facts !== undefined && hasPointer(repo, path)) return
    throw new ArtError('NOT_FOUND', 'no such file or folder', {
      path,
      hint: nearName(repo, path),
    })
  }
  if (stat.isSymbolicLink() && !dereference && statSync(absolute, { throwIfNoEntry: false })?.isDirectory()) {
    throw new ArtError('SYMLINK', 'a symbolic link to a folder is not followed', {
      path,
      hint: 'Name the folder itself, or use --dereference.',
    })
  }
}

function hasPointer({ root }: Repo, path: string): boolean {
  return lstatSync(join(root, path + POINTER_SUFFIX), { throwIfNoEntry: false })?.isFile() ?? false
}

/** Git waits for ever for whoever writes into a FIFO that is called `.gitignore`. */
function refuseOddIgnores(repo: Repo, paths: readonly string[]): void {
  const folders = new Set([''])
  for (const path of paths)
    for (let above = posix.dirname(path); above !== '.'; above = posix.dirname(above)) folders.add(above)
  const files = [...folders].map((folder) => posix.join(folder, '.gitignore'))
  if (repo.commonGitDir !== undefined) files.push(join(repo.commonGitDir, 'info/exclude'))
  for (const file of files) {
    const absolute = resolve(repo.root, file)
    const stat = lstatSync(absolute, { throwIfNoEntry: false })
    if (stat === undefined || stat.isFile() || stat.isDirectory() || stat.isSymbolicLink()) continue
    throw new ArtError('CONFIG_INVALID', 'the file is no regular file, and git would wait for it', {
      path: file,
      hint: 'Restore it from git, or remove it.',
    })
  }
}

/** Everything that must ask git or look around: asked once for all paths. */
async function refusals(repo: Repo, paths: string[]): Promise<Map<string, ArtError>> {
  const refused = new Map<string, ArtError>()
  if (paths.length === 0) return refused
  refuseOddIgnores(repo, paths)
  const tracked = await trackedByGit(repo, paths)
  for (const path of tracked) {
    refused.set(
      path,
      new ArtError('TRACKED_BY_GIT', 'git tracks this already', {
        path,
        hint: `Run \`git rm -r --cached ${typed(repo, path)}\` and commit, then add it to art.`,
      }),
    )
  }
  const ignored = await ignoredByGit(
    repo,
    paths.map((path) => path + POINTER_SUFFIX),
  )
  for (const path of paths) {
    const rule = ignored.get(path + POINTER_SUFFIX)
    if (rule === undefined) continue
    const hint =
      'Write `!*.art` below that rule, and `models/*` for a `models/`; or choose another folder: the pointer must be committed.'
    refused.set(path, new ArtError('OVERLAP', `git would ignore its pointer (${rule})`, { path, hint }))
  }
  const folders = paths.filter((path) => statSync(join(repo.root, path), { throwIfNoEntry: false })?.isDirectory())
  for (const folder of folders) await refuseInner(repo, folder, refused)
  return refused
}

async function refuseInner(repo: Repo, folder: string, refused: Map<string, ArtError>): Promise<void> {
  if (lstatSync(join(repo.root, folder + POINTER_SUFFIX), { throwIfNoEntry: false }) !== undefined) return
  const [inner] = (await findPointers(repo, folder)).artifacts
  if (inner === undefined) return
  const hint = `Run \`art rm ${typed(repo, inner.path)}\` first, or add the files one by one.`
  refused.set(
    folder,
    new ArtError('OVERLAP', `it contains ${typedPath(repo, inner.path)}, which art tracks by itself`, {
      path: folder,
      hint,
    }),
  )
}

/** For hints, in the current folder. */
function typed(repo: Repo, rootPath: string): string {
  return shellWord(typedPath(repo, rootPath))
}

/** What may have been meant: something of the same folder. */
function nearName(repo: Repo, path: string): string {
  const folder = posix.dirname(path)
  let names: string[] = []
  try {
    names = readdirSync(join(repo.root, folder)).map((name) => (isPointerPath(name) ? dataPathFor(name) : name))
  } catch {
    return 'Check the path.'
  }
  if (names.includes(posix.basename(path))) return `\`art checkout ${typed(repo, path)}\` restores it.`
  const near = closest(posix.basename(path), names)
  return near === undefined ? 'Check the path.' : `Did you mean ${typedPath(repo, posix.join(folder, near))}?`
}
