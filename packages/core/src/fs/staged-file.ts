import { renameSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fromSystemError } from '../error.ts'
import type { CallOptions } from '../event.ts'
import { stagingFor, temporaryName } from './atomic-write.ts'
import { EarlySync } from './early-sync.ts'
import { syncFolder } from './whole.ts'

/** A file that is complete and on the disk, and does not have its name yet. */
export interface StagedFile {
  /** Where it waits. */
  readonly temporary: string
  readonly size: number
  /** Gives it its name, in place of whatever has it now. */
  publish(): void
  discard(): void
}

/**
 * Writes a file piece by piece, so that it has its name only once somebody has looked at it whole: `publish` or `discard` follows. Nothing is left
 * behind where writing fails. Fails with `DISK_FULL`, `PERMISSION`, `NOT_FOUND` for a folder that is not there, and as the pieces do.
 */
export async function stageFile(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  { signal, staging, onBytes }: CallOptions & { staging?: string | undefined; onBytes?: (bytes: number) => void } = {},
): Promise<StagedFile> {
  const folder = dirname(path)
  const temporary = join(stagingFor(folder, staging), temporaryName(basename(path)))
  const file = await open(temporary, 'wx').catch((error: unknown) => {
    throw fromSystemError(error, path)
  })
  const early = new EarlySync(file)
  let size = 0
  try {
    for await (const piece of pieces) {
      signal?.throwIfAborted()
      await file.writeFile(piece).catch((error: unknown) => {
        throw fromSystemError(error, path)
      })
      size += piece.length
      onBytes?.(piece.length)
      early.grown(size)
    }
    await early.settle()
    await file.sync()
    await file.close()
  } catch (error) {
    await early.settle()
    await file.close().catch(() => undefined)
    rmSync(temporary, { force: true })
    throw error
  }
  return {
    temporary,
    size,
    publish() {
      try {
        renameSync(temporary, path)
        syncFolder(folder)
      } catch (error) {
        rmSync(temporary, { force: true })
        throw fromSystemError(error, path)
      }
    },
    discard: () => rmSync(temporary, { force: true }),
  }
}
