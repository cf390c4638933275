import { statSync, type Stats } from 'node:fs'
import type { CallOptions } from '@art/core'
import { isSame } from '@art/core/fs/same.ts'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import type { Session } from '../workspace/session.ts'
import { alone, cachedContent, type Content, localContent } from './content.ts'
import { describeContent, type Described, type DescribeOptions } from './describe.ts'
import { type Followed, followed } from './follow.ts'
import { cachedFolderContent } from './folder-content.ts'
import { modelSettings } from './settings.ts'

/** A file that is read while it is copied into the cache, so that nothing is read from the disk twice. */
export interface Reading {
  /** So many bytes more were copied: payloads are read behind the copy, which has brought them into memory. */
  copied(bytes: number): void
  /** What it is, once it is stored. Undefined where it may have changed since it was opened, so that these may be other bytes than were stored. */
  finish(): Promise<Described | undefined>
  /** It could not be stored. */
  abandon(): Promise<void>
}

export function readWhileStored(session: Session, absolute: string, options: CallOptions): Reading {
  const stop = new AbortController()
  const onAbort = (): void => stop.abort(options.signal?.reason)
  options.signal?.addEventListener('abort', onAbort, { once: true })
  const before = statSync(absolute)
  const copy = followed()
  const reading = readLocal(session, absolute, { ...options, signal: stop.signal }, copy)
    // Whatever it fails with, the cached object is tried, and fails with a reason.
    .catch(() => undefined)
    .finally(() => options.signal?.removeEventListener('abort', onAbort))
  return {
    copied: (bytes) => copy.advance(bytes),
    async finish() {
      copy.end()
      const found = await reading
      options.signal?.throwIfAborted()
      return isUntouched(session, absolute, before) ? found : undefined
    },
    async abandon() {
      stop.abort()
      copy.end()
      await reading
    },
  }
}

async function readLocal(session: Session, absolute: string, options: CallOptions, copy: Followed): Promise<Described> {
  const reached = (_: string, offset: number): Promise<void> => copy.reached(offset)
  const pool = (bytes: number) => session.pool({ files: 1, bytes, follows: true })
  return await described(alone(await localContent(absolute)), { ...describeOptions(session, options), pool, reached })
}

/** Nobody wrote to it since `before`, in whatever way: not even within one tick of the file system's clock. */
function isUntouched({ trustedBefore }: Session, absolute: string, before: Stats): boolean {
  const after = statSync(absolute, { throwIfNoEntry: false })
  if (after === undefined || !isSame(before, after)) return false
  return before.mtimeMs < trustedBefore && before.ctimeMs < trustedBefore
}

/** What a stored content is, read from the cache. Undefined where the cache lacks it, and for a directory without a model. */
export async function readStored(
  session: Session,
  path: string,
  pointer: Pointer,
  options: CallOptions,
): Promise<Described | undefined> {
  const content = await storedContent(session, path, pointer)
  return content === undefined ? undefined : await described(content, describeOptions(session, options))
}

/** The bytes of an artifact's model in the cache: of the file, or of the one that a directory holds. */
export async function storedContent(
  { cache }: Session,
  path: string,
  { kind, oid, size }: Pick<Pointer, 'kind' | 'oid' | 'size'>,
): Promise<Content | undefined> {
  if (kind === 'd') return await cachedFolderContent(cache, { oid, name: path })
  const content = await cachedContent(cache, { oid, size, name: path })
  return content && alone(content)
}

/** Describes and closes it. */
export async function described(content: Content, options: DescribeOptions): Promise<Described> {
  try {
    return await describeContent(content, options)
  } finally {
    await content.close()
  }
}

export function describeOptions(
  session: Session,
  options: CallOptions,
  measure: DescribeOptions['measure'] = 'weights',
): DescribeOptions {
  const pool = (bytes: number) => session.pool({ files: 1, bytes })
  return { ...options, settings: modelSettings(session.repo.config), measure, pool }
}
