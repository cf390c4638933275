import { lstatSync, type Stats, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ArtError, fromSystemError } from '@art/core'
import { dataPathFor, isPointerPath, POINTER_SUFFIX } from '@art/core/pointer/name.ts'
import { parsePointer, type Pointer } from '@art/core/pointer/pointer.ts'
import { versionReference } from '@art/registry/tag/reference.ts'
import type { Failure } from '../api.ts'
import { findRev, pointersAt } from '../git/history.ts'
import type { NamedRelease } from '../registry/named-release.ts'
import { type Artifact, readArtifact } from '../target/find.ts'
import { shellWord } from '../shell-word.ts'
import { repoPath, typedPath } from '../target/path.ts'
import { resolveTargets } from '../target/resolve.ts'
import type { ShownRelease } from '../view-api.ts'
import { directoryState } from '../workspace/directory-state.ts'
import { fileState, knownOid } from '../workspace/file-state.ts'
import type { Session } from '../workspace/session.ts'
import { type Content, localContent } from './content.ts'
import { cachedFolder, cachedMemberContent, type LocalFolder, localFolderContent, namesIn } from './folder-content.ts'
import { storedContent } from './read-stored.ts'
import type { RemoteContents } from './remote.ts'

/** One model that a user named. */
export interface Model {
  /** As it was named, or the path of the artifact relative to the root. */
  name: string
  /** Of the artifact, relative to the root; absent for what art does not track. */
  path?: string
  /** What git keeps of it; absent for a file that art does not track, or that changed since. */
  pointer?: Pointer
  /** What lies in the workspace, and this is of, is not what its pointer says. */
  differs?: true
  /** The revision that it is of, where that was named. */
  rev?: string
  /** … or the release. */
  release?: ShownRelease
  /** Though it has no pointer of its own, the remote may have its bytes. */
  isFar?: true
  /** The command that brings its content to this machine; absent for what has no pointer. */
  bring?: string
  /** Of a directory whose tree is on this machine. */
  folder?(): LocalFolder | undefined
  /** Its bytes; undefined where neither this machine nor, if one is given, the remote has them. Closed by whoever asked. */
  open(remote?: RemoteContents): Promise<Content | undefined>
}

export interface FindOptions {
  /** As this revision has it. */
  rev?: string | undefined
  /** Larger files are not read to find out whether they are what their pointer says: nobody waits for that to see a table. */
  readMax?: number
}

const READ_MAX = 64 << 20

/**
 * Finds one model: a file or a folder (its bytes as they are now), a pointer (what it names), data that is not here but whose pointer is, or a
 * revision's as `rev:path`, a release. An existing path wins. Without a session only files and folders can be named. Fails with `NOT_FOUND`, or as git and
 * pointers do.
 */
export async function findModel(
  session: Session | undefined,
  cwd: string,
  name: string,
  { rev, readMax = READ_MAX }: FindOptions = {},
): Promise<Model> {
  if (rev !== undefined) return await modelAt(inRepository(session, name), rev, name)
  const absolute = resolve(cwd, name)
  const stat = statOf(absolute, name)
  const isData = !isPointerPath(name)
  if (stat?.isFile() && isData) return await localModel(session, absolute, name, readMax)
  if (session !== undefined) {
    const pointerPath = pointerOf(session, name)
    if (pointerPath !== undefined) {
      const artifact = await readArtifact(session.repo, pointerPath)
      const isFolder = stat?.isDirectory() === true && isData
      return isFolder ? await folderModel(session, artifact, name) : trackedModel(session, artifact)
    }
    const colon = name.indexOf(':')
    if (colon > 0 && (await findRev(session.repo, name.slice(0, colon))) !== undefined)
      return await modelAt(session, name.slice(0, colon), name.slice(colon + 1), name)
    const release = stat === undefined ? await releaseOf(session, name) : undefined
    if (release !== undefined) return releaseModel(session, release)
    const member = stat === undefined ? await memberModel(session, name) : undefined
    if (member !== undefined) return member
  }
  if (stat?.isDirectory() && isData) return localFolder(name, absolute)
  throw new ArtError('NOT_FOUND', stat === undefined ? 'no such file, artifact or revision' : 'this is no model', {
    path: name,
    hint: '`art status` lists artifacts; others are named as in `HEAD~1:models/x.pth` and `resnet@v1.0.0`.',
  })
}

function statOf(absolute: string, name: string): Stats | undefined {
  try {
    return statSync(absolute, { throwIfNoEntry: false })
  } catch (error) {
    throw fromSystemError(error, name)
  }
}

/** As `findModel`, for whoever wants the bytes alone: whether a file is still what its pointer says can cost reading all of it. */
export async function findBytes(session: Session | undefined, cwd: string, name: string): Promise<Model> {
  const absolute = resolve(cwd, name)
  const isFile = statOf(absolute, name)?.isFile() === true
  if (isFile && !(session !== undefined && isPointerPath(name)))
    return { name, open: () => localContent(absolute, name) }
  return await findModel(session, cwd, name)
}

/** Every model below what was named: artifacts, folders, globs; with `rev` as that revision has them. */
export async function findModels(
  session: Session,
  names: readonly string[],
): Promise<{ models: (Model & { pointer: Pointer })[]; failed: Failure[] }> {
  const { targets, failed } = await resolveTargets(session.repo, names)
  return { models: targets.map(({ artifact }) => trackedModel(session, artifact)), failed }
}

/** A directory of this machine, as it is now. */
function localFolder(name: string, absolute: string): Model {
  return {
    name,
    folder: () => ({ names: namesIn(absolute), isWhole: () => true }),
    open: () => localFolderContent(absolute),
  }
}

async function localModel(
  session: Session | undefined,
  absolute: string,
  name: string,
  readMax: number,
): Promise<Model> {
  const open = (): Promise<Content> => localContent(absolute, name)
  const beside = session && (await pointerBeside(session, name, readMax))
  return { name, open, ...beside }
}

async function folderModel(session: Session, artifact: Artifact, name: string): Promise<Model> {
  if ((await folderState(session, artifact)) !== 'modified') return trackedModel(session, artifact)
  const { path, absolutePath } = artifact
  return { ...localFolder(name, absolutePath), path, differs: true }
}

/** The pointer that a name stands for, relative to the root, if it is there. */
function pointerOf({ repo }: Session, name: string): string | undefined {
  let path: string
  try {
    path = repoPath(repo, name)
  } catch {
    // Outside of the repository there is none, and a revision's path may look like anything.
    return undefined
  }
  if (path === '') return undefined
  const pointerPath = isPointerPath(path) ? path : path + POINTER_SUFFIX
  return lstatSync(join(repo.root, pointerPath), { throwIfNoEntry: false }) === undefined ? undefined : pointerPath
}

/** The path of a file's artifact; and its pointer, if the file is still what that says. */
async function pointerBeside(
  session: Session,
  name: string,
  readMax: number,
): Promise<Pick<Model, 'path' | 'pointer' | 'differs'> | undefined> {
  const pointerPath = pointerOf(session, name)
  if (pointerPath === undefined) return undefined
  const artifact = await readArtifact(session.repo, pointerPath)
  const { path, pointer } = artifact
  switch (await isUnchanged(session, artifact, readMax)) {
    case true:
      return { path, pointer }
    case false:
      return { path, differs: true }
    default:
      return { path }
  }
}

/** Undefined where only reading more than `readMax` bytes could tell. */
async function isUnchanged(
  session: Session,
  { absolutePath, path, pointer }: Artifact,
  readMax = Number.POSITIVE_INFINITY,
): Promise<boolean | undefined> {
  if (pointer.kind !== 'f') return false
  const { cache, files: index, trustedBefore } = session
  const stat = statSync(absolutePath, { throwIfNoEntry: false })
  if (stat === undefined || stat.size !== pointer.size) return false
  if (stat.size > readMax && knownOid(index.get(path), stat) === undefined) return undefined
  return (await fileState(absolutePath, path, pointer, { index, cache, trustedBefore })).state === 'ok'
}

async function folderState(session: Session, artifact: Artifact): Promise<'ok' | 'modified' | 'missing'> {
  const { repo, cache, pool, trustedBefore, options } = session
  return (await directoryState(repo, artifact, { ...options, cache, pool, trustedBefore })).state
}

export function trackedModel(session: Session, artifact: Artifact): Model & { pointer: Pointer } {
  const { path: name, pointer } = artifact
  const open = async (remote?: RemoteContents): Promise<Content | undefined> =>
    (await storedContent(session, name, pointer)) ??
    (await workspaceContent(session, artifact)) ??
    (await remote?.open(pointer, { path: name, name }))
  const folder = (): LocalFolder | undefined => cachedFolder(session.cache, pointer)
  return { name, path: name, pointer, bring: bringCommand(session, name), folder, open }
}

/** What an artifact has in the workspace, if that is what its pointer says; undefined otherwise, and for a directory without a model. */
export async function workspaceContent(session: Session, artifact: Artifact): Promise<Content | undefined> {
  const { absolutePath, pointer } = artifact
  if (pointer.kind === 'f') return (await isUnchanged(session, artifact)) ? await localContent(absolutePath) : undefined
  return (await folderState(session, artifact)) === 'ok' ? await localFolderContent(absolutePath) : undefined
}

/** A file in a tracked directory that the workspace lacks; whether the directory has it is not known yet. */
async function memberModel(session: Session, name: string): Promise<Model | undefined> {
  const { targets } = await resolveTargets(session.repo, [name])
  const [{ artifact, inside } = {}] = targets
  if (targets.length !== 1 || artifact?.pointer.kind !== 'd' || inside === undefined) return undefined
  return memberOf(session, artifact, { name, inside })
}

function memberOf(
  session: Session,
  { path, pointer }: Pick<Artifact, 'path' | 'pointer'>,
  { name, inside, rev }: { name: string; inside: string; rev?: string },
): Model {
  const open = async (remote?: RemoteContents): Promise<Content | undefined> =>
    (await cachedMemberContent(session.cache, { oid: pointer.oid, name: path, inside })) ??
    (await remote?.open(pointer, { path, name: path, inside }))
  const bring = bringCommand(session, `${path}/${inside}`, rev)
  return { name, bring, isFar: true, open, ...(rev === undefined ? {} : { rev }) }
}

async function modelAt(session: Session, rev: string, path: string, name = `${rev}:${path}`): Promise<Model> {
  const wanted = repoPath(session.repo, isPointerPath(path) ? path : path + POINTER_SUFFIX)
  const pointers = await pointersAt(session.repo, rev)
  const found = pointers.find((one) => one.path === wanted)
  const around = pointers.find((one) => wanted.startsWith(`${dataPathFor(one.path)}/`))
  if (found === undefined && around !== undefined) {
    const folder = { path: dataPathFor(around.path), pointer: await parsePointer(around.text, around) }
    const inside = dataPathFor(wanted).slice(folder.path.length + 1)
    if (folder.pointer.kind === 'd') return memberOf(session, folder, { name, inside, rev })
  }
  if (found === undefined) {
    throw new ArtError('NOT_TRACKED', `${rev} has no such artifact`, {
      path,
      hint: 'Check the path: it is taken from the current folder.',
    })
  }
  return pointerModel(session, { name, path: dataPathFor(wanted), rev, pointer: await parsePointer(found.text, found) })
}

/** What a pointer of some revision names: not what lies in the workspace. */
export function pointerModel(
  session: Session,
  { name, path, pointer, rev }: { name: string; path: string; pointer: Pointer; rev?: string | undefined },
): Model & { pointer: Pointer } {
  const open = async (remote?: RemoteContents): Promise<Content | undefined> =>
    (await storedContent(session, name, pointer)) ?? (await remote?.open(pointer, { path, name }))
  const bring = bringCommand(session, path, rev)
  const folder = (): LocalFolder | undefined => cachedFolder(session.cache, pointer)
  return { name, path, pointer, bring, folder, open, ...(rev === undefined ? {} : { rev }) }
}

async function releaseOf({ repo }: Session, name: string): Promise<NamedRelease | undefined> {
  if (versionReference(name) === undefined) return undefined
  const { releaseNamed } = await import('../registry/named-release.ts')
  return await releaseNamed(repo, name)
}

/** What a release is of: not what lies in the workspace. */
export function releaseModel(session: Session, release: NamedRelease): Model & { pointer: Pointer } {
  const { name, path, pointer, model, version, tag, commit } = release
  const about = { name, model, tag, commit, ...(version !== undefined && { version }) }
  return {
    ...pointerModel(session, { name, path, pointer }),
    release: about,
    bring: `art fetch ${shellWord(name)}`,
  }
}

/** A pull is about what the workspace names; what another revision names goes into the cache. */
function bringCommand({ repo }: Session, path: string, rev?: string): string {
  const typed = shellWord(typedPath(repo, path))
  return rev === undefined ? `art pull ${typed}` : `art fetch --rev ${shellWord(rev)} ${typed}`
}

function inRepository(session: Session | undefined, path: string): Session {
  if (session !== undefined) return session
  throw new ArtError('NOT_A_REPOSITORY', 'a revision is only known in a repository', { path, hint: 'Run `art init`.' })
}
