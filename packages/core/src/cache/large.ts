import { createHash } from 'node:crypto'
import { constants, renameSync, rmSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fromSystemError } from '../error.ts'
import type { CallOptions } from '../event.ts'
import { changedWhileRead, notAFile } from '../fs/refusal.ts'
import { EarlySync } from '../fs/early-sync.ts'
import { isSame } from '../fs/same.ts'
import { makeFolder, syncFolder } from '../fs/whole.ts'
import { quickHasher } from '../hash/quick-hash.ts'
import type { Oid } from '../oid.ts'
import { cloneFile } from './clone.ts'
import { type CacheLayout, LARGE_FILE, objectPath, temporaryPath } from './layout.ts'
import { noteVerified, seal } from './seal.ts'

const BLOCK = 4 << 20

/** Hashed twice while a core's own cache holds them. */
const PIECE = 256 << 10

/** A FIFO without a writer must not make us wait. */
const FOLLOW = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)
const NO_FOLLOW = FOLLOW | (constants.O_NOFOLLOW ?? 0)

export interface StoreLargeOptions extends CallOptions {
  /** Of the xxh64, that of the index which will keep it. */
  seed?: bigint | undefined
}

export interface StoredFile {
  oid: Oid
  size: number
  quickHash: bigint
}

/**
 * Brings a file of at least 1 MiB into the cache: as a clone, of which the bytes are hashed, or as a copy, of which the very buffers are
 * hashed that are written, so the oid is of the bytes that the cache holds. Fails with `CHANGED_WHILE_READ` when the file's stat is not the same before and after.
 */
export async function storeLargeFile(
  layout: CacheLayout,
  path: string,
  follow: boolean,
  options?: StoreLargeOptions,
): Promise<StoredFile> {
  const source = await open(path, follow ? FOLLOW : NO_FOLLOW).catch((error: unknown) => {
    throw fromSystemError(error, path)
  })
  const temporary = temporaryPath(layout)
  try {
    const before = await source.stat()
    if (!before.isFile()) throw notAFile(path)
    if (before.size < LARGE_FILE) throw changedWhileRead(path)
    const copy = await storeHashed(source, before.dev, layout, temporary, options)
    const after = await source.stat()
    if (!isSame(before, after) || copy.size !== before.size) throw changedWhileRead(path)
    publishObject(layout, temporary, copy.oid)
    return copy
  } catch (error) {
    throw fromSystemError(error, path)
  } finally {
    rmSync(temporary, { force: true })
    await source.close()
  }
}

/** Gives a complete, verified and synced temporary file its name among the objects. */
export function publishObject(layout: CacheLayout, temporary: string, oid: Oid): void {
  const final = objectPath(layout, oid)
  const folder = dirname(final)
  try {
    seal(temporary)
    makeFolder(folder)
    renameSync(temporary, final)
    syncFolder(folder)
    noteVerified(final, statSync(final))
  } catch (error) {
    throw fromSystemError(error, folder)
  }
}

async function storeHashed(
  source: FileHandle,
  dev: number,
  layout: CacheLayout,
  target: string,
  options?: StoreLargeOptions,
): Promise<StoredFile> {
  const clone = await cloneFile(source, target, { folder: layout.objects, dev })
  if (clone === undefined) return copyHashed(source, layout, target, options)
  try {
    const stored = await readHashed(clone, undefined, options)
    await clone.sync()
    return stored
  } finally {
    await clone.close()
  }
}

async function copyHashed(
  source: FileHandle,
  layout: CacheLayout,
  target: string,
  options?: StoreLargeOptions,
): Promise<StoredFile> {
  const inCache = (error: unknown): never => {
    throw fromSystemError(error, layout.objects)
  }
  const out = await open(target, 'wx', 0o444).catch(inCache)
  const early = new EarlySync(out)
  const write = async (bytes: Buffer, position: number): Promise<void> => {
    await writeFully(out, bytes, position).catch(inCache)
    early.grown(position + bytes.length)
  }
  try {
    const copied = await readHashed(source, write, options)
    await out.sync().catch(inCache)
    return copied
  } finally {
    await early.settle()
    await out.close()
  }
}

/** Each block is hashed while it is written, if it is to be, and the next one read. */
async function readHashed(
  source: FileHandle,
  write: ((bytes: Buffer, position: number) => Promise<void>) | undefined,
  options?: StoreLargeOptions,
): Promise<StoredFile> {
  const hash = createHash('sha256')
  const quick = await quickHasher(options?.seed)
  const buffers = [Buffer.allocUnsafeSlow(BLOCK), Buffer.allocUnsafeSlow(BLOCK), Buffer.allocUnsafeSlow(BLOCK)]
  let older = Promise.resolve()
  let newer = Promise.resolve()
  const read = (block: number, position: number) => {
    const reading = source.read(buffers[block % 3]!, 0, BLOCK, position)
    reading.catch(() => undefined)
    return reading
  }
  let size = 0
  let reading = read(0, 0)
  try {
    for (let block = 0; ; block++) {
      const { bytesRead, buffer } = await reading
      if (bytesRead === 0) break
      options?.signal?.throwIfAborted()
      const bytes = buffer.subarray(0, bytesRead)
      await older
      reading = read(block + 1, size + bytesRead)
      older = newer
      newer = write?.(bytes, size) ?? Promise.resolve()
      newer.catch(() => undefined)
      for (let at = 0; at < bytesRead; at += PIECE) {
        const piece = bytes.subarray(at, at + PIECE)
        hash.update(piece)
        quick.update(piece)
      }
      size += bytesRead
      options?.onEvent?.({ type: 'progress', phase: 'add', bytes: bytesRead })
    }
  } finally {
    await Promise.allSettled([older, newer])
  }
  await Promise.all([older, newer])
  return { oid: hash.digest('hex'), size, quickHash: quick.digest() }
}

async function writeFully(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}
