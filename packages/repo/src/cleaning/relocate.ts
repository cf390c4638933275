import { lstatSync, mkdirSync, rmSync } from 'node:fs'
import { join, posix } from 'node:path'
import { ArtError, fromSystemError } from '@art/core'
import { atomicWriteSync } from '@art/core/fs/atomic-write.ts'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import { ensureIgnored, removeIgnored } from '../ignore/gitignore.ts'
import type { Repo } from '../open.ts'
import { type Artifact, pointerTextAt } from '../target/find.ts'
import { assertInside } from '../target/path.ts'
import { deleteData } from '../workspace/delete-data.ts'
import { assertGitAllows, trackedAbove } from '../workspace/room.ts'
import type { Session } from '../workspace/session.ts'
import { forget } from '../workspace/stale.ts'
import { type Lying, lyingThere } from './workspace-hold.ts'

/**
 * Can a pointer of that text be put there? One that is there with that very text was put there by a run that was cut short. `from` is the artifact's own place.
 * Fails with `WOULD_OVERWRITE`, `OVERLAP`, `PATH_UNSAFE`, `TRACKED_BY_GIT` or `GIT`.
 */
export async function assertRoom(repo: Repo, to: string, text: string, from?: string): Promise<void> {
  const pointerPath = pointerPathFor(to)
  assertInside(repo, pointerPath)
  const folder = trackedAbove(repo, to)
  if (folder !== undefined) {
    throw new ArtError('OVERLAP', `${folder} is tracked as a directory of its own`, {
      path: to,
      hint: `Move it with \`art mv\`, or stop tracking it with \`art rm\`.`,
    })
  }
  if (to !== from) {
    const there = pointerTextAt(repo, pointerPath)
    if (there !== undefined && there !== text) throw taken(pointerPath)
    if (there === undefined && lstatSync(join(repo.root, to), { throwIfNoEntry: false }) !== undefined) throw taken(to)
  }
  await assertGitAllows(repo, to, pointerPath, 'Change that rule: git must see the pointer.')
}

function taken(path: string): ArtError {
  return new ArtError('WOULD_OVERWRITE', 'something is there already', {
    path,
    hint: 'Move it away with `art mv`, or remove it.',
  })
}

/** What lies in the workspace can be deleted: fails with `WOULD_OVERWRITE` or `NOT_CACHED` where something would be lost. */
export async function assertKept(session: Session, artifact: Artifact): Promise<Lying> {
  const lying = await lyingThere(session, artifact)
  const { path } = artifact
  if (lying === 'modified') {
    const hint = 'Keep it with `art add`, or drop the change with `art checkout --force`.'
    throw new ArtError('WOULD_OVERWRITE', 'the data changed since its pointer was written', { path, hint })
  }
  if (lying === 'uncached') {
    const hint = 'Take it in with `art add`, or bring it with `art fetch`.'
    throw new ArtError('NOT_CACHED', 'the cache does not hold what is in the workspace', { path, hint })
  }
  return lying
}

/** Writes a pointer and the ignore line of its data, where `ignores` has it, if that is given. Returns what changed for git. */
export function putPointer({ repo }: Session, to: string, text: string, ignores?: string): string[] {
  const pointerPath = pointerPathFor(to)
  const absolute = join(repo.root, pointerPath)
  try {
    mkdirSync(join(absolute, '..'), { recursive: true })
    ensureIgnored(repo, to, ignores)
    atomicWriteSync(absolute, text, { staging: repo.tmpDir })
  } catch (error) {
    throw fromSystemError(error, pointerPath)
  }
  return [ignoreFile(to), pointerPath]
}

/** Deletes the data of an artifact, which the cache has, and then its pointer unless that is to stay. Returns what changed for git. */
export async function takeAway(
  session: Session,
  artifact: Artifact,
  { lying, pointer }: { lying: Lying; pointer: boolean },
): Promise<string[]> {
  const { repo } = session
  const { path, pointerPath, absolutePointer } = artifact
  if (lying === 'kept') await deleteData(repo, artifact)
  forget(session, path)
  session.files.save()
  if (!pointer) return []
  removeIgnored(repo, path)
  rmSync(absolutePointer)
  return [ignoreFile(path), pointerPath]
}

/** What git keeps of the ignore lines beside a path. */
export function ignoreFile(path: string): string {
  return posix.join(posix.dirname(path), '.gitignore')
}
