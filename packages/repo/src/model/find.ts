import { lstatSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ArtError } from '@art/core'
import { isPointerPath, POINTER_SUFFIX } from '@art/core/pointer/name.ts'
import { parsePointer, type Pointer } from '@art/core/pointer/pointer.ts'
import type { Failure } from '../api.ts'
import { findRev, pointersAt } from '../git/history.ts'
import { type Artifact, readArtifact } from '../target/find.ts'
import { repoPath } from '../target/path.ts'
import { resolveTargets } from '../target/resolve.ts'
import { directoryState } from '../workspace/directory-state.ts'
import { fileState } from '../workspace/file-state.ts'
import type { Session } from '../workspace/session.ts'
import { type Content, localContent } from './content.ts'
import { localFolderContent } from './folder-content.ts'
import { storedContent } from './read-stored.ts'

/** One model that a user named. */
export interface Model {
  /** As it was named, or the path of the artifact relative to the root. */
  name: string
  /** What git keeps of it; absent for a file that art does not track. */
  pointer?: Pointer
  /** Its bytes; undefined where this machine does not have them. Closed by whoever asked. */
  open(): Promise<Content | undefined>
}

/**
 * Finds one model: a file (its bytes as they are now), a pointer (what it names), data that is not here but whose pointer is, or a revision's
 * as `rev:path`. An existing path wins. Without a session only files can be named. Fails with `NOT_FOUND`, or as git and pointers do.
 */
export async function findModel(session: Session | undefined, cwd: string, name: string, rev?: string): Promise<Model> {
  if (rev !== undefined) return await modelAt(inRepository(session, name), rev, name)
  const absolute = resolve(cwd, name)
  const stat = statSync(absolute, { throwIfNoEntry: false })
  if (stat?.isFile() && !isPointerPath(name)) return await localModel(session, absolute, name)
  if (session !== undefined) {
    const path = repoPath(session.repo, name)
    const pointerPath = isPointerPath(path) ? path : path + POINTER_SUFFIX
    if (lstatSync(join(session.repo.root, pointerPath), { throwIfNoEntry: false }) !== undefined)
      return trackedModel(session, await readArtifact(session.repo, pointerPath))
    const colon = name.indexOf(':')
    if (colon > 0 && (await findRev(session.repo, name.slice(0, colon))) !== undefined)
      return await modelAt(session, name.slice(0, colon), name.slice(colon + 1), name)
  }
  throw new ArtError('NOT_FOUND', stat === undefined ? 'no such file, artifact or revision' : 'this is no file', {
    path: name,
    hint: '`art status` lists artifacts; another revision is named as in `HEAD~1:models/x.pth`.',
  })
}

/** Every model below what was named: artifacts, folders, globs; with `rev` as that revision has them. */
export async function findModels(
  session: Session,
  names: readonly string[],
): Promise<{ models: (Model & { pointer: Pointer })[]; failed: Failure[] }> {
  const { targets, failed } = await resolveTargets(session.repo, names)
  return { models: targets.map(({ artifact }) => trackedModel(session, artifact)), failed }
}

async function localModel(session: Session | undefined, absolute: string, name: string): Promise<Model> {
  const open = (): Promise<Content> => localContent(absolute)
  const pointer = session && (await pointerBeside(session, name))
  return { name, open, ...(pointer === undefined ? {} : { pointer }) }
}

/** The pointer of a file, if that is still what the pointer says. */
async function pointerBeside(session: Session, name: string): Promise<Pointer | undefined> {
  let path: string
  try {
    path = repoPath(session.repo, name)
  } catch {
    // A file outside the repository can be read too.
    return undefined
  }
  if (lstatSync(join(session.repo.root, path + POINTER_SUFFIX), { throwIfNoEntry: false }) === undefined)
    return undefined
  const artifact = await readArtifact(session.repo, path + POINTER_SUFFIX)
  return (await isUnchanged(session, artifact)) ? artifact.pointer : undefined
}

async function isUnchanged(session: Session, { absolutePath, path, pointer }: Artifact): Promise<boolean> {
  if (pointer.kind !== 'f') return false
  const { cache, files: index, trustedBefore } = session
  return (await fileState(absolutePath, path, pointer, { index, cache, trustedBefore })).state === 'ok'
}

function trackedModel(session: Session, artifact: Artifact): Model & { pointer: Pointer } {
  const { path: name, pointer } = artifact
  const open = async (): Promise<Content | undefined> =>
    (await storedContent(session, name, pointer)) ?? (await workspaceContent(session, artifact))
  return { name, pointer, open }
}

/** What an artifact has in the workspace, if that is what its pointer says; undefined otherwise, and for a directory without a model. */
export async function workspaceContent(session: Session, artifact: Artifact): Promise<Content | undefined> {
  const { absolutePath, pointer } = artifact
  if (pointer.kind === 'f') return (await isUnchanged(session, artifact)) ? await localContent(absolutePath) : undefined
  const { repo, cache, pool, trustedBefore, options } = session
  const { state } = await directoryState(repo, artifact, { ...options, cache, pool, trustedBefore })
  return state === 'ok' ? await localFolderContent(absolutePath) : undefined
}

async function modelAt(session: Session, rev: string, path: string, name = `${rev}:${path}`): Promise<Model> {
  const wanted = repoPath(session.repo, isPointerPath(path) ? path : path + POINTER_SUFFIX)
  const found = (await pointersAt(session.repo, rev)).find((one) => one.path === wanted)
  if (found === undefined) {
    throw new ArtError('NOT_TRACKED', `${rev} has no such artifact`, {
      path,
      hint: 'Check the path: it is taken from the current folder.',
    })
  }
  const pointer = await parsePointer(found.text, { path: found.path })
  return { name, pointer, open: () => storedContent(session, name, pointer) }
}

function inRepository(session: Session | undefined, path: string): Session {
  if (session !== undefined) return session
  throw new ArtError('NOT_A_REPOSITORY', 'a revision is only known in a repository', { path, hint: 'Run `art init`.' })
}
