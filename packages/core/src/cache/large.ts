import { createHash } from 'node:crypto'
import { constants, mkdirSync, renameSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ArtError, fromSystemError } from '../error.ts'
import type { CallOptions } from '../event.ts'
import { syncFolder } from '../fs/whole.ts'
import { isSame } from '../fs/same.ts'
import { quickHasher } from '../hash/quick-hash.ts'
import type { Oid } from '../oid.ts'
import { type CacheLayout, objectPath, temporaryPath } from './layout.ts'
import { seal } from './seal.ts'

const BLOCK = 4 << 20

export interface StoredFile {
  oid: Oid
  size: number
  quickHash: bigint
}

/**
 * Copies a file into the cache and hashes the very buffers that are written, so the oid is of the bytes that the cache holds.
 * Fails with `CHANGED_WHILE_READ` when the file's stat is not the same before and after.
 */
export async function storeLargeFile(
  layout: CacheLayout,
  path: string,
  follow: boolean,
  options?: CallOptions,
): Promise<StoredFile> {
  const source = await open(path, constants.O_RDONLY | (follow ? 0 : (constants.O_NOFOLLOW ?? 0))).catch((error: unknown) => {
    throw fromSystemError(error, path)
  })
  const temporary = temporaryPath(layout)
  try {
    const before = await source.stat()
    const copy = await copyHashed(source, temporary, options)
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

export function changedWhileRead(path: string): ArtError {
  return new ArtError('CHANGED_WHILE_READ', 'the file changed while it was read', {
    path,
    hint: 'Wait until whatever writes it is done, then run the command again.',
    retryable: true,
  })
}

/** Gives a complete and synced temporary file its name among the objects. */
export function publishObject(layout: CacheLayout, temporary: string, oid: Oid): void {
  const final = objectPath(layout, oid)
  seal(temporary)
  mkdirSync(dirname(final), { recursive: true })
  renameSync(temporary, final)
  syncFolder(dirname(final))
}

async function copyHashed(source: FileHandle, target: string, options?: CallOptions): Promise<StoredFile> {
  const hash = createHash('sha256')
  const quick = await quickHasher()
  const out = await open(target, 'wx', 0o444)
  try {
    const buffers = [Buffer.allocUnsafeSlow(BLOCK), Buffer.allocUnsafeSlow(BLOCK), Buffer.allocUnsafeSlow(BLOCK)]
    const writes: Promise<unknown>[] = []
    let size = 0
    let reading = source.read(buffers[0]!, 0, BLOCK, 0)
    for (let block = 0; ; block++) {
      const { bytesRead, buffer } = await reading
      if (bytesRead === 0) break
      options?.signal?.throwIfAborted()
      const bytes = buffer.subarray(0, bytesRead)
      await writes[block - 2]
      reading = source.read(buffers[(block + 1) % 3]!, 0, BLOCK, size + bytesRead)
      const write = writeFully(out, bytes, size)
      write.catch(() => undefined)
      writes[block] = write
      delete writes[block - 3]
      hash.update(bytes)
      quick.update(bytes)
      size += bytesRead
      options?.onEvent?.({ type: 'progress', phase: 'add', bytes: bytesRead })
    }
    await Promise.all(writes)
    await out.sync()
    return { oid: hash.digest('hex'), size, quickHash: quick.digest() }
  } finally {
    await out.close()
  }
}

async function writeFully(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}
