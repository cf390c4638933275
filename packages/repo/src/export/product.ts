import { createReadStream, lstatSync, rmSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { ArtError, toHex } from '@art/core'
import { hashFile } from '@art/core/hash/hash-file.ts'
import { stageFile } from '@art/core/fs/staged-file.ts'
import { POINTER_SUFFIX, pointerPathFor } from '@art/core/pointer/name.ts'
import { ignoredByGit, trackedByGit } from '../git/staging.ts'
import { readArtifact } from '../target/find.ts'
import { assertInside } from '../target/path.ts'
import { artifactStatus } from '../workspace/artifact-status.ts'
import type { Session } from '../workspace/session.ts'

/** Where a file that is made goes. */
export interface ProductPlace {
  absolute: string
  /** As the user types it. */
  name: string
  /** Relative to the root; undefined outside of a repository, where it is not added. */
  path?: string
}

/**
 * Looks whether a file may be made, before long work for it: whether its folder is there, nothing is lost that was, and it can be added. A file that
 * is there may be replaced where art has made and kept it. Fails with `WOULD_OVERWRITE`, `NOT_FOUND`, `TRACKED_BY_GIT`, `OVERLAP` or `PATH_UNSAFE`.
 */
export async function findPlace(
  session: Session | undefined,
  cwd: string,
  name: string,
  force: boolean,
): Promise<ProductPlace> {
  const absolute = resolve(cwd, name)
  if (statSync(dirname(absolute), { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new ArtError('NOT_FOUND', `there is no folder for ${name}`, { path: name, hint: 'Make the folder first.' })
  const path = session && insideOf(session.repo.root, absolute)
  if (path !== undefined) await assertAddable(session!, path, name)
  const place = { absolute, name, ...(path === undefined ? {} : { path }) }
  await assertReplaceable(session, place, force)
  return place
}

/** Gives a made file its place, or leaves all as it was. Fails as `findPlace`, since much may have happened. */
export async function placeProduct(
  session: Session | undefined,
  place: ProductPlace,
  made: string,
  { force, signal }: { force: boolean; signal?: AbortSignal | undefined },
): Promise<{ state: 'written' | 'unchanged'; size: number; oid: string; undo(): void }> {
  const { absolute } = place
  const before = statSync(absolute, { throwIfNoEntry: false })
  const oid = toHex(hashFile(made))
  if (before?.isFile() && toHex(hashFile(absolute)) === oid)
    return { state: 'unchanged', size: before.size, oid, undo: () => undefined }
  const staged = await stageFile(absolute, createReadStream(made), { signal, staging: session?.repo.tmpDir })
  try {
    await assertReplaceable(session, place, force)
    staged.publish()
  } catch (error) {
    staged.discard()
    throw error
  }
  const undo = before === undefined ? (): void => rmSync(absolute, { force: true }) : (): void => undefined
  return { state: 'written', size: staged.size, oid, undo }
}

/** Fails with `WOULD_OVERWRITE` for what is not art's own to replace, and with `UNSUPPORTED` for what is no file. */
async function assertReplaceable(session: Session | undefined, place: ProductPlace, force: boolean): Promise<void> {
  const { absolute, name, path } = place
  const isLink = lstatSync(absolute, { throwIfNoEntry: false })?.isSymbolicLink() === true
  const stat = statSync(absolute, { throwIfNoEntry: false })
  if (stat !== undefined && !stat.isFile())
    throw new ArtError('UNSUPPORTED', `${name} is no file, so none is written there`, { path: name, hint: 'Use -o.' })
  if (force) return
  const tracked =
    path !== undefined && lstatSync(join(session!.repo.root, path + POINTER_SUFFIX), { throwIfNoEntry: false })
  if (!tracked) {
    if (stat !== undefined || isLink) throw wouldOverwrite(name, 'is there already')
    return
  }
  const artifact = await readArtifact(session!.repo, path + POINTER_SUFFIX)
  if (artifact.pointer.origin === undefined) throw wouldOverwrite(name, 'is tracked already, and was not exported')
  if (stat === undefined) return
  const { state } = await artifactStatus(session!, artifact)
  if (state !== 'ok') throw wouldOverwrite(name, `was changed since it was added`)
}

async function assertAddable({ repo }: Session, path: string, name: string): Promise<void> {
  assertInside(repo, path)
  const pointer = pointerPathFor(path)
  if ((await trackedByGit(repo, [path])).size > 0) {
    throw new ArtError('TRACKED_BY_GIT', 'git tracks this already', {
      path: name,
      hint: 'Name another file with -o, or take it out of git first.',
    })
  }
  const rule = (await ignoredByGit(repo, [pointer])).get(pointer)
  if (rule === undefined) return
  throw new ArtError('OVERLAP', `git would ignore its pointer (${rule})`, {
    path: name,
    hint: 'Name another file with -o, or change that rule: the pointer must be committed.',
  })
}

function insideOf(root: string, absolute: string): string | undefined {
  const path = relative(root, absolute).split(sep).join('/')
  return path === '' || path === '..' || path.startsWith('../') || isAbsolute(path) ? undefined : path
}

function wouldOverwrite(name: string, why: string): ArtError {
  return new ArtError('WOULD_OVERWRITE', `${name} ${why}`, {
    path: name,
    hint: 'Name another with -o, or overwrite it with --force.',
  })
}
