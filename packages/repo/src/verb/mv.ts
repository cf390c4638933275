import { cpSync, existsSync, lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join, posix } from 'node:path'
import { ArtError, type CallOptions, fromHex, fromSystemError } from '@art/core'
import { atomicWriteSync } from '@art/core/fs/atomic-write.ts'
import { dataPathFor, isPointerPath, POINTER_SUFFIX, pointerPathFor } from '@art/core/pointer/name.ts'
import { serializePointer } from '@art/core/pointer/serialize.ts'
import type { MoveResult } from '../api.ts'
import { stageForUser } from '../git/staging.ts'
import { ensureIgnored, removeIgnored } from '../ignore/gitignore.ts'
import type { Repo } from '../open.ts'
import { type Artifact, readPointerText } from '../target/find.ts'
import { assertInside, repoPath } from '../target/path.ts'
import { resolveOneArtifact } from '../target/resolve.ts'
import { knownOid } from '../workspace/file-state.ts'
import { directoryIndexPath } from '../workspace/index-path.ts'
import { withLock } from '../workspace/lock.ts'
import { type Session, withSession } from '../workspace/session.ts'
import { forget } from '../workspace/stale.ts'
import { assertGitAllows, trackedAbove } from '../workspace/room.ts'

/**
 * Moves or renames an artifact: its pointer, its data where that is in the workspace, and its ignore line. `to` is a new path or an
 * existing folder. Fails with `WOULD_OVERWRITE`, `NOT_TRACKED`, `OVERLAP`; a move that was cut short can be repeated.
 */
export async function move(repo: Repo, from: string, to: string, options: CallOptions = {}): Promise<MoveResult> {
  return await withLock(repo, () => withSession(repo, options, (session) => moveOne(session, from, to)))
}

async function moveOne(session: Session, from: string, to: string): Promise<MoveResult> {
  const { repo } = session
  const artifact = await resolveOneArtifact(repo, from, 'mv')
  const target = destination(repo, artifact, to)
  const pointerPath = pointerPathFor(target)
  assertInside(repo, pointerPath)
  const text = await serializePointer({ ...artifact.pointer, path: posix.basename(target) }, artifact.pointerText)
  checkFree(repo, artifact, target, text)
  await assertGitAllows(repo, target, pointerPath, 'Change that rule, or name another place.')
  const written: (string | undefined)[] = []
  try {
    mkdirSync(join(repo.root, posix.dirname(pointerPath)), { recursive: true })
    written.push(ensureIgnored(repo, target))
    atomicWriteSync(join(repo.root, pointerPath), text, { staging: repo.tmpDir })
    moveKnown(session, artifact, target, () => moveData(artifact.absolutePath, join(repo.root, target)))
    if (!isSame(artifact.absolutePointer, join(repo.root, pointerPath))) rmSync(artifact.absolutePointer)
    written.push(removeIgnored(repo, artifact.path))
  } catch (error) {
    throw fromSystemError(error, artifact.path)
  }
  const changed = [artifact.pointerPath, pointerPath, ...written.filter((path) => path !== undefined)]
  return { from: artifact.path, to: target, ...(await stageForUser(repo, changed)) }
}

/** Takes what the index knows along, so that nothing has to be read again. */
function moveKnown(
  session: Session,
  { path, absolutePath, pointer }: Artifact,
  target: string,
  moveIt: () => void,
): void {
  const { repo, files } = session
  const stat = lstatSync(absolutePath, { throwIfNoEntry: false })
  const known = files.get(path)
  const oid = stat?.isFile() && pointer.kind === 'f' ? knownOid(known, stat) : undefined
  moveIt()
  if (pointer.kind === 'd') {
    const index = directoryIndexPath(repo, path)
    if (existsSync(index)) renameSync(index, directoryIndexPath(repo, target))
    if (stat !== undefined) files.noteDirectory(target)
  } else if (oid !== undefined && known !== undefined) {
    const moved = lstatSync(join(repo.root, target))
    files.set(target, moved, fromHex(oid), known.records.quickHash(known.i), session.trustedNow())
  }
  forget(session, path)
  files.save()
}

function destination(repo: Repo, artifact: Artifact, to: string): string {
  const path = repoPath(repo, to)
  const stats = path === '' ? undefined : lstatSync(join(repo.root, path), { throwIfNoEntry: false })
  const tracked = path !== '' && exists(repo, path + POINTER_SUFFIX)
  const isFolder = path === '' || /[/\\]$/.test(to) || (stats?.isDirectory() === true && !tracked)
  const own = posix.basename(artifact.path)
  // The other name of a case-insensitive file system is the artifact itself.
  if (isFolder && path !== artifact.path && !isSame(artifact.absolutePath, join(repo.root, path)))
    return posix.join(path, own)
  const target = isPointerPath(path) && isPointerPath(artifact.path + POINTER_SUFFIX) ? dataPathFor(path) : path
  if (target !== artifact.path) return target
  throw new ArtError('USAGE', 'source and destination are the same', { path: to, hint: 'Name another place.' })
}

function checkFree(repo: Repo, artifact: Artifact, target: string, text: string): void {
  const folder = trackedAbove(repo, target)
  if (folder !== undefined) {
    const itself = folder === artifact.path
    throw new ArtError(
      'OVERLAP',
      itself ? 'a directory cannot move into itself' : `${folder} is tracked as a directory of its own`,
      {
        path: target,
        hint: itself ? 'Name a place outside it.' : `Move the data with \`mv\`, then run \`art add ${folder}\`.`,
      },
    )
  }
  const pointer = join(repo.root, target + POINTER_SUFFIX)
  const data = join(repo.root, target)
  const taken = (path: string) =>
    new ArtError('WOULD_OVERWRITE', 'something is there already', {
      path,
      hint: 'Name another place, or remove what is there.',
    })
  const begunBefore = exists(repo, target + POINTER_SUFFIX) && readPointerText(repo, target + POINTER_SUFFIX) === text
  if (exists(repo, target + POINTER_SUFFIX) && !begunBefore && !isSame(artifact.absolutePointer, pointer)) {
    throw taken(target + POINTER_SUFFIX)
  }
  const moved = begunBefore && !exists(repo, artifact.path)
  if (exists(repo, target) && !moved && !isSame(artifact.absolutePath, data)) throw taken(target)
}

function moveData(from: string, to: string): void {
  if (lstatSync(from, { throwIfNoEntry: false }) === undefined) return
  try {
    renameSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    const begun = `${to}.moving`
    cpSync(from, begun, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true, force: true })
    renameSync(begun, to)
    rmSync(from, { recursive: true })
  }
}

function exists(repo: Repo, path: string): boolean {
  return lstatSync(join(repo.root, path), { throwIfNoEntry: false }) !== undefined
}

function isSame(a: string, b: string): boolean {
  const [one, other] = [a, b].map((path) => lstatSync(path, { throwIfNoEntry: false, bigint: true }))
  return one !== undefined && other !== undefined && one.ino === other.ino && one.dev === other.dev
}
