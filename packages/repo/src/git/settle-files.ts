import { accessSync, constants, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ArtError, fromSystemError } from '@art/core'
import { atomicWriteSync } from '@art/core/fs/atomic-write.ts'
import { readPlainFile } from '@art/core/fs/plain-file.ts'
import type { Repo } from '../open.ts'
import { assertInside } from '../target/path.ts'
import { asArguments, type CommittedFile, filesThere, indexLines } from './commit-files.ts'
import { findRev } from './history.ts'
import { items, runGit } from './run.ts'

/**
 * Makes the working tree and the index have files as the commit has them that was just made, HEAD. What is there neither as the commit has it nor
 * as `base`, by default its first parent, was changed by somebody: it is left as it is, in both, and returned. Fails with `PATH_UNSAFE`,
 * `PERMISSION`, or `GIT` where the index is locked.
 */
export async function settleFiles(
  repo: Repo,
  files: readonly CommittedFile[],
  { base = 'HEAD^' }: { base?: string } = {},
): Promise<string[]> {
  if (files.length === 0) return []
  assertWritable(repo, files)
  const before = await findRev(repo, base)
  const changed = before === undefined ? new Set<string>() : await changedSince(repo, before, files)
  const settled = files.filter(({ path }) => !changed.has(path))
  for (const { path, text } of settled) {
    const absolute = join(repo.root, path)
    if (text === undefined) rmSync(absolute, { force: true })
    else if (textOf(absolute) !== text) {
      mkdirSync(dirname(absolute), { recursive: true })
      atomicWriteSync(absolute, text)
    }
  }
  const head = await findRev(repo, 'HEAD')
  const input = indexLines(repo, settled, head?.length ?? 40)
  if (input !== '') await runGit(repo, ['update-index', '-z', '--index-info'], { input })
  // Entries without stats look modified to scripts that do not refresh the index themselves.
  await runGit(repo, ['update-index', '-q', '--refresh'], { codes: [0, 1] })
  return [...changed]
}

/** Fails with `PATH_UNSAFE` or `PERMISSION` where `settleFiles` could not write: to be asked before anything is made. */
export function assertWritable(repo: Pick<Repo, 'root'>, files: readonly CommittedFile[]): void {
  for (const { path } of files) {
    assertInside(repo, path)
    const absolute = join(repo.root, path)
    const stat = lstatSync(absolute, { throwIfNoEntry: false })
    if (stat !== undefined && !stat.isFile()) {
      throw new ArtError('PATH_UNSAFE', 'this is no regular file, and art would write one', {
        path,
        hint: 'Put a regular file there, or move it away.',
      })
    }
    let folder = dirname(absolute)
    while (lstatSync(folder, { throwIfNoEntry: false }) === undefined) folder = dirname(folder)
    try {
      accessSync(folder, constants.W_OK)
    } catch (error) {
      throw fromSystemError(error, path)
    }
  }
}

/** Those of which the working tree or the index has something that is neither as `before` nor as it shall be. */
async function changedSince(repo: Repo, before: string, files: readonly CommittedFile[]): Promise<Set<string>> {
  const paths = files.map(({ path }) => path)
  const listed = async (args: readonly string[]): Promise<string[]> =>
    items(await runGit(repo, ['--literal-pathspecs', ...args, '-z', ...asArguments(paths)]))
  const differing = ['diff', '--name-only', '--relative', '--no-renames', '--no-ext-diff']
  const there = await filesThere(repo, before, paths)
  const inTree = new Set(await listed([...differing, before]))
  const inIndex = new Set(await listed([...differing, '--cached', before]))
  // HEAD has it as it shall be.
  const otherThanHead = new Set(await listed([...differing, '--cached', 'HEAD']))
  return new Set(
    files.flatMap(({ path, text }) => {
      const now = textOf(join(repo.root, path))
      const isTouched = now !== text && (there.has(path) ? inTree.has(path) : now !== undefined)
      const isStaged = inIndex.has(path) && otherThanHead.has(path)
      return isTouched || isStaged ? [path] : []
    }),
  )
}

const TEXT_MAX = 256 << 20

function textOf(path: string): string | undefined {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined
  return readPlainFile(path, { max: TEXT_MAX }).toString('utf8')
}
