import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { isPointerPath } from '@art/core/pointer/name.ts'
import type { Repo } from '../open.ts'
import { blobSizes, type GitPointer, readPointers } from './blob.ts'
import { type GitContext, items, runGit } from './run.ts'

export interface IndexedPointer extends GitPointer {
  /** 0, or 1 to 3 for the base and the two sides of a merge conflict. */
  stage: 0 | 1 | 2 | 3
}

export interface StagedFile {
  /** Relative to the repository's root, `/`-separated. */
  path: string
  blob: string
  size: number
  /** Octal: 100644, 100755, 120000 for a link, 160000 for a submodule. */
  mode: string
  status: 'added' | 'modified'
}

/** The pointers in git's index, with their staged text. */
export async function indexPointers(repo: GitContext): Promise<IndexedPointer[]> {
  if (repo.gitRoot === undefined) return []
  const found: { path: string; blob: string; stage: IndexedPointer['stage'] }[] = []
  for (const item of items(await runGit(repo, ['ls-files', '-s', '-z', '--', '*.art']))) {
    const tab = item.indexOf('\t')
    const [mode, blob, stage] = item.slice(0, tab).split(' ')
    const path = item.slice(tab + 1)
    if (!mode!.startsWith('100') || !isPointerPath(path)) continue
    found.push({ path, blob: blob!, stage: Number(stage) as IndexedPointer['stage'] })
  }
  return readPointers(repo, found)
}

/** What the next commit adds or changes, below the repository's root. */
export async function stagedFiles(repo: GitContext): Promise<StagedFile[]> {
  if (repo.gitRoot === undefined) return []
  const options = ['--raw', '-z', '--no-renames', '--no-abbrev', '--no-ext-diff', '--relative', '--ignore-submodules']
  const parts = items(await runGit(repo, ['diff', '--cached', ...options]))
  const found: Omit<StagedFile, 'size'>[] = []
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [, mode, , blob, status] = parts[i]!.split(' ')
    if (status === 'D' || status === 'U') continue
    found.push({ path: parts[i + 1]!, blob: blob!, mode: mode!, status: status === 'A' ? 'added' : 'modified' })
  }
  const sizes = await blobSizes(
    repo,
    found.map(({ blob }) => blob),
  )
  return found.map((file) => ({ ...file, size: sizes.get(file.blob) ?? 0 }))
}

const BATCH = 500

/** Those of the paths (root-relative) that git tracks, or below which it tracks something. */
export async function trackedByGit(repo: GitContext, paths: readonly string[]): Promise<Set<string>> {
  const tracked = new Set<string>()
  if (repo.gitRoot === undefined) return tracked
  const wanted = new Set(paths)
  for (let at = 0; at < paths.length; at += BATCH) {
    const answer = await runGit(repo, ['--literal-pathspecs', 'ls-files', '-z', '--', ...paths.slice(at, at + BATCH)])
    for (const file of items(answer)) {
      for (let end = file.length; end > 0; end = file.lastIndexOf('/', end - 1)) {
        const path = file.slice(0, end)
        if (wanted.has(path)) tracked.add(path)
      }
    }
  }
  return tracked
}

/** Those of the paths that git ignores, each with the rule: file, line, pattern. */
export async function ignoredByGit(repo: GitContext, paths: readonly string[]): Promise<Map<string, string>> {
  const ignored = new Map<string, string>()
  if (repo.gitRoot === undefined || paths.length === 0) return ignored
  const answer = await runGit(repo, ['check-ignore', '-v', '-z', '--stdin'], {
    input: paths.map((path) => `${path}\0`).join(''),
    codes: [0, 1],
  })
  const parts = items(answer)
  for (let i = 0; i + 3 < parts.length; i += 4) {
    const [source, line, pattern, path] = parts.slice(i, i + 4) as [string, string, string, string]
    if (!pattern.startsWith('!')) ignored.set(path, `${source}:${line}: ${pattern}`)
  }
  return ignored
}

/** Those of the paths that `git add` accepts: what exists, and what git tracks and is gone. */
export async function addable(repo: GitContext, paths: readonly string[]): Promise<string[]> {
  const unique = [...new Set(paths)]
  const gone = unique.filter((path) => lstatSync(join(repo.root, path), { throwIfNoEntry: false }) === undefined)
  const tracked = await trackedByGit(repo, gone)
  return unique.filter((path) => !gone.includes(path) || tracked.has(path))
}

/** `git add`, for `core.autostage`; also of files that are gone. */
export async function addPaths(repo: GitContext, paths: readonly string[]): Promise<void> {
  if (repo.gitRoot === undefined || paths.length === 0) return
  await runGit(repo, ['--literal-pathspecs', 'add', '--all', '--pathspec-from-file=-', '--pathspec-file-nul'], {
    input: paths.map((path) => `${path}\0`).join(''),
  })
}

/** What a verb wrote or deleted for git: given to `git add` where the user wants that, and what that command should be told. */
export async function stageForUser(
  repo: Repo,
  paths: readonly string[],
): Promise<{ gitPaths: string[]; staged: boolean }> {
  if (repo.gitRoot === undefined) return { gitPaths: [], staged: false }
  const gitPaths = await addable(repo, paths)
  if (!repo.config.get('core.autostage') || gitPaths.length === 0) return { gitPaths, staged: false }
  await addPaths(repo, gitPaths)
  return { gitPaths, staged: true }
}
