import { constants } from 'node:fs'
import { type FileHandle, lstat, open, unlink } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { ArtError, type CallOptions } from '@art/core'
import { interrupted } from '../../decorate/limit.ts'
import { checkKey } from '../../key.ts'
import type { ByteSource, Capabilities, GetOptions, ObjectInfo, ObjectStore, PutOptions } from '../../object-store.ts'
import { checkRange } from '../range.ts'
import { checkVersion } from '../version.ts'
import { Folders } from './folders.ts'
import { walk } from './list.ts'
import { readPieces } from './read.ts'
import { readError, writeError } from './system-error.ts'
import { TEMPORARY, Writer } from './write.ts'

export interface DirectoryOptions {
  /** A root that does not exist reads as empty, instead of failing with `REMOTE_NOT_FOUND`. */
  create?: boolean
}

// Without O_NONBLOCK a planted pipe would block its opener for ever.
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/**
 * Objects as files below a folder, keys as paths. Nothing outside the root is read or written: keys are checked, and a symbolic link below the
 * root is an error. The first write creates the root.
 */
export class DirectoryStore implements ObjectStore {
  readonly url: string
  readonly capabilities: Capabilities = { conditionalPut: true, local: true }
  readonly #root: string
  readonly #create: boolean
  readonly #folders: Folders
  readonly #writer: Writer

  constructor(root: string, { create = false }: DirectoryOptions = {}) {
    this.#root = path.resolve(root)
    this.url = pathToFileURL(this.#root).href
    this.#create = create
    this.#folders = new Folders(this.#root)
    this.#writer = new Writer(this.#root, this.#folders)
  }

  async head(key: string, { signal }: CallOptions = {}): Promise<ObjectInfo | undefined> {
    const file = this.#fileOf(key)
    if (signal?.aborted) throw interrupted(signal)
    try {
      await this.#folders.checkParents(key)
      const stat = await lstat(file)
      return stat.isFile() ? { key, size: stat.size, modified: stat.mtime } : undefined
    } catch (error) {
      if (await this.#isAbsent(error)) return undefined
      throw readError(error, key)
    }
  }

  async *get(key: string, options: GetOptions = {}): AsyncGenerator<Uint8Array> {
    const { range, version, signal, memory } = options
    const file = this.#fileOf(key)
    if (signal?.aborted) throw interrupted(signal)
    let handle: FileHandle
    try {
      await this.#folders.checkParents(key)
      handle = await open(file, READ)
    } catch (error) {
      if (await this.#isAbsent(error)) throw absent(key)
      throw readError(error, key)
    }
    try {
      const stat = await handle.stat()
      if (!stat.isFile()) throw absent(key)
      checkVersion(version, `${stat.dev}:${stat.ino}:${stat.mtimeMs}`, stat.size, key)
      checkRange(range, stat.size, key)
      const { start, end } = range ?? { start: 0, end: stat.size }
      yield* readPieces(handle, start, end, key, signal, memory)
    } catch (error) {
      throw readError(error, key)
    } finally {
      await handle.close()
    }
  }

  async put(key: string, body: Uint8Array | ByteSource, options: PutOptions = {}): Promise<{ created: boolean }> {
    this.#fileOf(key)
    try {
      const { created, exclusive } = await this.#writer.write(key, body, options)
      if (!exclusive) this.capabilities.conditionalPut = false
      return { created }
    } catch (error) {
      throw writeError(error, key)
    }
  }

  async *list(prefix: string, { signal }: CallOptions = {}): AsyncGenerator<ObjectInfo> {
    try {
      yield* walk(this.#root, prefix, signal)
    } catch (error) {
      if (await this.#isAbsent(error)) return
      throw readError(error, prefix)
    }
  }

  async delete(keys: Iterable<string>, { signal }: CallOptions = {}): Promise<void> {
    const emptied = new Set<string>()
    for (const key of keys) {
      const file = this.#fileOf(key)
      if (signal?.aborted) throw interrupted(signal)
      try {
        await this.#folders.checkParents(key)
        await unlink(file)
        emptied.add(path.dirname(file))
      } catch (error) {
        if (!isMissing(error)) throw writeError(error, key)
      }
    }
    for (const folder of emptied) await this.#folders.sync(folder)
  }

  #fileOf(key: string): string {
    checkKey(key)
    if (key === TEMPORARY || key.startsWith(`${TEMPORARY}/`)) {
      throw new ArtError('PATH_UNSAFE', `${TEMPORARY}/ is the remote's own`, { path: key, hint: 'Choose another key.' })
    }
    return path.join(this.#root, ...key.split('/'))
  }

  /** True where the error means that there is no such object, and the root is there. */
  async #isAbsent(error: unknown): Promise<boolean> {
    if (!isMissing(error)) return false
    if (this.#create || this.#folders.isMade(this.#root)) return true
    const there = await lstat(this.#root).then(
      () => true,
      () => false,
    )
    if (there) return true
    throw new ArtError('REMOTE_NOT_FOUND', 'the folder of this remote does not exist', {
      path: this.#root,
      hint: 'Mount it or check its path; a push creates it.',
      cause: error,
    })
  }
}

function absent(key: string): ArtError {
  return new ArtError('NOT_FOUND', 'no such object', { path: key, hint: 'Push it from a clone that has it.' })
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}
