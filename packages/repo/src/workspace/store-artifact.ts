import { statSync } from 'node:fs'
import { join } from 'node:path'
import { type CallOptions, fromHex, toHex } from '@art/core'
import { LARGE_FILE } from '@art/core/cache/layout.ts'
import { loadIndex, saveIndex } from '@art/core/index/store.ts'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import { parsePointer, type Pointer } from '@art/core/pointer/pointer.ts'
import type { Progress } from '@art/core/progress.ts'
import { portabilityWarnings } from '@art/core/scan/portability.ts'
import { storeDirectory, type StoreDirectoryOptions } from '@art/core/scan/store-directory.ts'
import type { FileStore } from '@art/core/scan/store-file.ts'
import type { AddOptions } from '../api.ts'
import { loadArtIgnore } from '../ignore/artignore.ts'
import type { Candidate } from '../model/add-facts.ts'
import { modelFileAmong } from '../model/folder-model.ts'
import { ownVerdict } from '../model/own-verdict.ts'
import type { Reading } from '../model/read-stored.ts'
import { looksLikeModel } from '../model/sniff.ts'
import type { Repo } from '../open.ts'
import { pointerTextAt } from '../target/find.ts'
import { typedPath } from '../target/path.ts'
import { fileState } from './file-state.ts'
import { directoryIndexPath } from './index-path.ts'
import { relinkDirectory } from './relink.ts'
import type { Session } from './session.ts'
import { measureWork } from './work.ts'

/** Content that is in the cache, and what is to be done once it is durable. */
export interface Stored extends Candidate {
  /** Its first bytes, or its names, are such that it may be a model. */
  mayBeModel: boolean
  /** Nothing was stored: the data is not in the workspace, and only what people say of it changes. */
  isAway?: true
  noteIndex(): void
}

/** The pointer that is there; undefined where there is none, or one that is written anew. Fails as reading its text does. */
export async function readPointer(repo: Repo, path: string): Promise<Pointer | undefined> {
  const text = pointerTextAt(repo, path)
  if (text === undefined) return undefined
  try {
    return await parsePointer(text, { path })
  } catch {
    return undefined
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Stores a file, and meanwhile reads it as a model where it is a large one. */
export async function storeFile(
  session: Session,
  files: FileStore,
  path: string,
  options: AddOptions,
  progress: Progress,
): Promise<Stored> {
  const { repo, trustedBefore } = session
  const absolute = join(repo.root, path)
  const before = await readPointer(repo, pointerPathFor(path))
  if (before !== undefined && (await isUnchanged(session, path, before))) {
    progress.skip(1, before.size)
    return { path, pointer: before, mayBeModel: await hidesDanger(session, before), noteIndex: () => undefined }
  }
  const mayBeModel = repo.config.get('models.facts') && looksLikeModel(absolute)
  const reading = mayBeModel ? await beginReading(session, absolute, options) : undefined
  const { seed } = session.files
  const done = progress.bytes
  let stored: Awaited<ReturnType<FileStore['store']>>
  try {
    stored = await files.store(absolute, { ...options, seed, onEvent: followedBy(reading, options) })
  } catch (error) {
    await reading?.abandon()
    throw error
  }
  const { oid, size, executable, stat, quickHash } = stored
  progress.done(1, size - (progress.bytes - done))
  const pointer: Pointer = { path: nameOf(path), oid, kind: 'f', size, ...(executable ? { executable: true } : {}) }
  const noteIndex = (): void => session.files.settle(path, stat, fromHex(oid), quickHash, trustedBefore)
  const isKnown = keepBlock(pointer, before) && !(await hidesDanger(session, pointer))
  if (isKnown) await reading?.abandon()
  const described = isKnown ? undefined : await reading?.finish()
  return { path, pointer, mayBeModel: mayBeModel && !isKnown, described, noteIndex }
}

function followedBy(reading: Reading | undefined, { onEvent }: CallOptions): CallOptions['onEvent'] {
  if (reading === undefined) return onEvent
  return (event) => {
    if (event.type === 'progress') reading.copied(event.bytes ?? 0)
    onEvent?.(event)
  }
}

/** Large files only: small ones are read from the cache, where they are in memory by then. */
async function beginReading(session: Session, absolute: string, options: CallOptions): Promise<Reading | undefined> {
  if (statSync(absolute).size < LARGE_FILE) return undefined
  const { readWhileStored } = await import('../model/read-stored.ts')
  return readWhileStored(session, absolute, options)
}

/** The same content has the same block and origin, whoever wrote them; `add --refresh` is what reads it again. */
function keepBlock(pointer: Pointer, before: Pointer | undefined): boolean {
  if (before?.oid !== pointer.oid || before.kind !== pointer.kind) return false
  if (before.origin !== undefined) pointer.origin = before.origin
  if (before.checkpoint !== undefined) pointer.checkpoint = before.checkpoint
  return true
}

/** Does a pointer leave out that loading the content is dangerous, as this machine knows? Then its block is written anew. */
async function hidesDanger({ cache, repo }: Session, { oid, checkpoint }: Pointer): Promise<boolean> {
  if (!repo.config.get('models.facts') || checkpoint?.get('scan') === 'unsafe') return false
  return (await ownVerdict(cache.layout, oid)) === 'unsafe'
}

/** Is a file as its pointer says, and cached? Then there is nothing to read. */
async function isUnchanged(session: Session, path: string, pointer: Pointer): Promise<boolean> {
  const { repo, cache, files: index, trustedBefore } = session
  if (pointer.kind !== 'f' || !cache.hasWholeFile(fromHex(pointer.oid), pointer.size)) return false
  return (await fileState(join(repo.root, path), path, pointer, { index, cache, trustedBefore })).state === 'ok'
}

export async function scanOptions(session: Session, path: string, options: AddOptions): Promise<StoreDirectoryOptions> {
  const { repo, cache, trustedBefore } = session
  return {
    ...options,
    cache,
    pool: await session.pool(measureWork(join(repo.root, path))),
    known: loadIndex(directoryIndexPath(repo, path)),
    trustedBefore,
    ignores: await loadArtIgnore(repo, path),
  }
}

export async function storeFolder(session: Session, path: string, options: AddOptions): Promise<Stored> {
  const { repo, trustedBefore } = session
  const indexPath = directoryIndexPath(repo, path)
  const scan = await scanOptions(session, path, options)
  const { root, sections, seed } = await storeDirectory(join(repo.root, path), scan)
  for (const warning of portabilityWarnings(sections)) {
    options.onEvent?.({ type: 'warning', message: warning.message, path: typedPath(repo, `${path}/${warning.path}`) })
  }
  const pointer: Pointer = { path: nameOf(path), oid: toHex(root.oid), kind: 'd', size: root.size, files: root.files }
  const noteIndex = (): void => {
    relinkDirectory(session, path, sections, options)
    saveIndex(indexPath, { root: root.oid, files: root.files, bytes: root.size, sections, seed }, trustedBefore)
    session.files.noteDirectory(path)
  }
  const isKnown =
    keepBlock(pointer, await readPointer(repo, pointerPathFor(path))) && !(await hidesDanger(session, pointer))
  const mayBeModel =
    !isKnown && repo.config.get('models.facts') && modelFileAmong(sections[0]?.names ?? []) !== undefined
  return { path, pointer, mayBeModel, noteIndex }
}
