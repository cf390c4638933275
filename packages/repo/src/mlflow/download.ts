import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, statfsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ArtError, type CallOptions, fromSystemError } from '@art/core'
import { writeWholeSync } from '@art/core/fs/whole.ts'
import { unsafeName } from '@art/core/pointer/name.ts'
import { downloadArtifact, listArtifacts } from '@art/registry/mlflow/artifact.ts'
import type { Client } from '@art/registry/mlflow/client.ts'

/** A file that a server lists below a folder. */
export interface RemoteFile {
  /** Below the folder, `/`-separated; every part is a name that may be written. */
  path: string
  size: number | undefined
}

/** A model of more files, or of deeper folders, is none that a person has logged. */
const MAX_FILES = 100_000
const MAX_DEPTH = 32

/** Attempts to get a file whose transfer breaks off. */
const ATTEMPTS = 4

/**
 * Every file below a folder of artifacts. Fails with `PATH_UNSAFE` where a name could not be written safely, with `REMOTE_REFUSED` where the list does not
 * end.
 */
export async function filesBelow(client: Client, root: string): Promise<RemoteFile[]> {
  const files: RemoteFile[] = []
  const folders = [{ path: '', depth: 0 }]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    client.options.signal?.throwIfAborted()
    const names = new Set<string>()
    for (const { name, isFolder, size } of await listArtifacts(client, joined(root, folder.path))) {
      refuseName(name, root)
      const path = joined(folder.path, name)
      if (names.has(name)) throw endless(root, `it lists ${JSON.stringify(path)} twice`)
      names.add(name)
      if (isFolder) folders.push({ path, depth: folder.depth + 1 })
      else files.push({ path, size })
      if (files.length + folders.length > MAX_FILES || folder.depth >= MAX_DEPTH)
        throw endless(root, `more than ${MAX_FILES} files, or ${MAX_DEPTH} folders inside each other`)
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

function refuseName(name: string, root: string): void {
  const why = unsafeName(name)
  if (why === undefined) return
  throw new ArtError('PATH_UNSAFE', `MLflow lists a file that cannot be written: ${why}`, {
    path: joined(root, name),
    hint: 'Look at that model version; art writes nothing of it.',
  })
}

function endless(path: string, why: string): ArtError {
  return new ArtError('REMOTE_REFUSED', `MLflow's list of files makes no sense: ${why}`, { path })
}

/** Fails with `DISK_FULL` before anything is asked for that would not fit. */
export function ensureRoom(folder: string, files: readonly RemoteFile[]): void {
  const bytes = files.reduce((sum, { size = 0 }) => sum + size, 0)
  const { bavail, bsize } = statfsSync(folder)
  // The cache takes a copy.
  if (bytes * 2 <= bavail * bsize) return
  throw new ArtError('DISK_FULL', `its files have ${bytes} bytes, and twice as many are needed while they are added`, {
    path: folder,
    hint: 'Free some space, or leave that model version out by naming others.',
  })
}

/** Brings a file to a path at which nothing is. A transfer that breaks off is begun again. */
export async function downloadTo(
  client: Client,
  path: string,
  size: number | undefined,
  target: string,
  options: CallOptions,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await downloadOnce(client, path, size, target, options)
    } catch (error) {
      rmSync(target, { force: true })
      options.signal?.throwIfAborted()
      if (!(error instanceof ArtError) || !error.retryable || attempt === ATTEMPTS) throw error
      await client.patience.delay(client.patience.firstDelay * 2 ** attempt, options.signal)
    }
  }
}

async function downloadOnce(
  client: Client,
  path: string,
  size: number | undefined,
  target: string,
  { onEvent }: CallOptions,
): Promise<void> {
  const pieces = await downloadArtifact(client, path, size)
  if (pieces === undefined) {
    throw new ArtError('REMOTE_REFUSED', 'MLflow lists this file and does not have it', { path })
  }
  let fd: number | undefined
  try {
    mkdirSync(dirname(target), { recursive: true })
    fd = openSync(target, 'wx')
    for await (const piece of pieces) {
      writeWholeSync(fd, piece)
      onEvent?.({ type: 'progress', phase: 'download', bytes: piece.length })
    }
    fsyncSync(fd)
  } catch (error) {
    throw fromSystemError(error, path)
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
  onEvent?.({ type: 'progress', phase: 'download', files: 1 })
}

export function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

/** Brings files of a folder below a folder of this machine. `name`: of what they are, for whoever waits. */
export async function downloadAll(
  client: Client,
  { root, files, name }: { root: string; files: readonly RemoteFile[]; name: string },
  target: string,
  options: CallOptions,
): Promise<void> {
  const bytes = files.reduce((sum, { size = 0 }) => sum + size, 0)
  options.onEvent?.({ type: 'phase', phase: 'download', name, files: files.length, bytes })
  for (const { path, size } of files) {
    options.signal?.throwIfAborted()
    await downloadTo(client, joined(root, path), size, join(target, ...path.split('/')), options)
  }
}
