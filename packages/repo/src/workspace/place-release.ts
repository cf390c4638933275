import { dirname, join } from 'node:path'
import { mkdirSync } from 'node:fs'
import { ArtError } from '@art/core'
import { atomicWriteSync } from '@art/core/fs/atomic-write.ts'
import type { CheckoutOptions } from '../api.ts'
import { trackedByGit } from '../git/staging.ts'
import { ensureIgnored } from '../ignore/gitignore.ts'
import type { Repo } from '../open.ts'
import type { NamedRelease } from '../registry/named-release.ts'
import { textAt } from '../registry/open.ts'
import { pointerTextAt } from '../target/find.ts'
import { assertInside, typedPath } from '../target/path.ts'
import type { Session } from './session.ts'
import { trackedAbove } from './room.ts'
import { isSameText } from '../git/same-text.ts'

/**
 * May the pointer of a release stand in the workspace, as `git checkout <commit> -- <pointer>` would put it there? Not over a pointer that no commit of
 * this branch has, which would be lost, unless `force` is given. Fails with `WOULD_OVERWRITE`, `OVERLAP`, `TRACKED_BY_GIT` or `PATH_UNSAFE`.
 */
export async function assertReplaceable(
  { repo }: Session,
  { path, pointerPath, pointerText, name }: NamedRelease,
  { force }: CheckoutOptions,
): Promise<void> {
  assertInside(repo, pointerPath)
  const above = trackedAbove(repo, path)
  if (above !== undefined) {
    throw new ArtError('OVERLAP', `it would lie in ${typedPath(repo, above)}, which is tracked as a whole now`, {
      path,
      hint: `Bring it elsewhere: \`art get . ${name} -o <file>\`.`,
    })
  }
  if ((await trackedByGit(repo, [path])).has(path)) {
    throw new ArtError('TRACKED_BY_GIT', 'git tracks what is there now', {
      path,
      hint: `Bring the release elsewhere: \`art get . ${name} -o <file>\`.`,
    })
  }
  const there = pointerTextAt(repo, pointerPath)
  if (force || there === undefined || there === pointerText) return
  if (isSameText(there, await textAt(repo, 'HEAD', pointerPath))) return
  throw new ArtError('WOULD_OVERWRITE', 'its pointer has changes that are not committed, and would be lost', {
    path,
    hint: `Commit ${typedPath(repo, pointerPath)} first, or lose it with \`art checkout --force ${name}\`.`,
  })
}

/** Writes the pointer, and has git ignore the data. Returns what was written, relative to the root. */
export function placePointer(repo: Repo, { path, pointerPath, pointerText }: NamedRelease): string[] {
  const written: string[] = []
  if (!isSameText(pointerTextAt(repo, pointerPath), pointerText)) {
    const absolute = join(repo.root, pointerPath)
    mkdirSync(dirname(absolute), { recursive: true })
    atomicWriteSync(absolute, pointerText, { staging: repo.tmpDir })
    written.push(pointerPath)
  }
  const ignore = ensureIgnored(repo, path)
  return ignore === undefined ? written : [...written, ignore]
}
