import { randomBytes } from 'node:crypto'
import { type FileHandle, link, lstat, open, readdir, rename, unlink } from 'node:fs/promises'
import path from 'node:path'
import { interrupted } from '../../decorate/limit.ts'
import type { ByteSource, PutOptions } from '../../object-store.ts'
import { bodySize, openBody, wrongLength } from '../../source.ts'
import type { Folders } from './folders.ts'

/** Folder below the root for what is being written. */
export const TEMPORARY = '.tmp'

const STALE_MS = 24 * 3600 * 1000

/** What `link` says where the file system has no hard links. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL'])

/** Writes objects so that a file under its final name is always whole and durable. */
export class Writer {
  readonly #root: string
  readonly #folders: Folders
  #swept: Promise<void> | undefined

  constructor(root: string, folders: Folders) {
    this.#root = root
    this.#folders = folders
  }

  /** `exclusive: false`: this file system cannot promise one winner. */
  async write(
    key: string,
    body: Uint8Array | ByteSource,
    { ifNoneMatch, signal }: PutOptions,
  ): Promise<{ created: boolean; exclusive: boolean }> {
    if (signal?.aborted) throw interrupted(signal)
    await this.#prepare(key)
    const name = `${process.pid}-${randomBytes(8).toString('hex')}`
    const temporary = path.join(this.#root, TEMPORARY, name)
    try {
      await writeWhole(temporary, body, signal)
      const target = path.join(this.#root, ...key.split('/'))
      const outcome = ifNoneMatch === undefined ? await replace(temporary, target) : await claim(temporary, target)
      if (outcome.created) await this.#folders.sync(path.dirname(target))
      return outcome
    } finally {
      await unlink(temporary).catch(() => {})
    }
  }

  async #prepare(key: string): Promise<void> {
    try {
      await this.#folders.makeParents(`${TEMPORARY}/x`)
      await this.#folders.makeParents(key)
      // A folder that is known may have been deleted since.
      await lstat(path.join(this.#root, ...key.split('/').slice(0, -1)))
      await lstat(path.join(this.#root, TEMPORARY))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      this.#folders.forget()
      await this.#folders.makeParents(`${TEMPORARY}/x`)
      await this.#folders.makeParents(key)
    }
    this.#swept ??= sweep(path.join(this.#root, TEMPORARY))
    await this.#swept
  }
}

async function writeWhole(file: string, body: Uint8Array | ByteSource, signal?: AbortSignal): Promise<void> {
  const handle = await open(file, 'wx', 0o666)
  try {
    let written = 0
    for await (const piece of openBody(body)) {
      if (signal?.aborted) throw interrupted(signal)
      await writeAll(handle, piece)
      written += piece.length
    }
    if (written !== bodySize(body)) throw wrongLength(bodySize(body))
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  // A disk that fills up takes a part before it fails.
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done)
    done += bytesWritten
  }
}

async function replace(temporary: string, target: string): Promise<{ created: boolean; exclusive: boolean }> {
  await rename(temporary, target)
  return { created: true, exclusive: true }
}

async function claim(temporary: string, target: string): Promise<{ created: boolean; exclusive: boolean }> {
  try {
    await link(temporary, target)
    return { created: true, exclusive: true }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return { created: false, exclusive: true }
    if (!NO_LINKS.has(code)) throw error
  }
  const taken = await lstat(target).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
  if (!taken) await rename(temporary, target)
  return { created: !taken, exclusive: false }
}

/** Removes what processes that died left behind, under names that art gives alone; what cannot be removed stays. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!/^\d+-[0-9a-f]{16}$/.test(name)) continue
    const file = path.join(folder, name)
    const stat = await lstat(file).catch(() => undefined)
    if (stat?.isFile() && Date.now() - stat.mtimeMs > STALE_MS) await unlink(file).catch(() => {})
  }
}
