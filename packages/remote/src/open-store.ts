import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { ArtError } from '@art/core'
import { DirectoryStore } from './backend/directory/store.ts'
import type { S3Options } from './backend/s3/options.ts'
import { limitStore } from './decorate/limit.ts'
import { DEFAULT_TIME_LIMITS, type TimeLimits } from './decorate/limits.ts'
import { DEFAULT_RETRY, type RetryPolicy, retryStore } from './decorate/retry.ts'
import { tellStore } from './decorate/tell.ts'
import { timeoutStore } from './decorate/timeout.ts'
import type { ObjectStore } from './object-store.ts'

/** Requests at a time, where nothing else is said. */
export const DEFAULT_JOBS = { network: 32, directory: 16 }

/** What a remote's configuration may say besides its url. */
export interface StoreOptions extends Omit<S3Options, 'bucket' | 'prefix'> {
  /** Most requests at a time. */
  jobs?: number | undefined
  /** Directory only: one that does not exist yet reads as empty instead of failing with `REMOTE_NOT_FOUND`. A push sets it. */
  create?: boolean | undefined
  limits?: Partial<TimeLimits> | undefined
  retry?: Partial<RetryPolicy> | undefined
}

/**
 * The store behind `/dir`, `file:///dir` or `s3://bucket/prefix`, with retries, time limits and bounded concurrency. A relative path is taken from
 * the current folder. Touches neither network nor disk: what is wrong with the place shows on the first call. Fails with `UNSUPPORTED` for
 * other schemes and with `CONFIG_INVALID` for a url or options that cannot be.
 */
export async function openStore(url: string, options: StoreOptions = {}): Promise<ObjectStore> {
  const limits = { ...DEFAULT_TIME_LIMITS, ...options.limits }
  const retry = { ...DEFAULT_RETRY, ...options.retry }
  const place = parseStoreUrl(url)
  const base =
    place.kind === 'directory'
      ? tellStore(new DirectoryStore(place.root, { create: options.create ?? false }))
      : // The SDK costs more than the rest of art to load, so only who needs it does.
        (await import('./backend/s3/store.ts')).createS3Store(
          { ...options, ...place },
          { limits, retry, jobs: jobsFor(place, options) },
        )
  return retryStore(limitStore(timeoutStore(await base, limits), jobsFor(place, options)), retry)
}

export type StorePlace = { kind: 'directory'; root: string } | { kind: 's3'; bucket: string; prefix: string }

/** What a remote's url names. Fails like `openStore`. */
export function parseStoreUrl(url: string): StorePlace {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase()
  if (url === '' || url.includes('\0')) throw invalid(url, 'is empty or holds a NUL')
  // One letter and a colon is a drive.
  if (scheme === undefined) return { kind: 'directory', root: path.resolve(url) }
  if (scheme === 'file') return { kind: 'directory', root: fromFileUrl(url) }
  if (scheme === 's3') return fromS3Url(url)
  throw new ArtError('UNSUPPORTED', `remotes of kind ${scheme}: are not supported`, {
    path: url,
    hint: 'Use a folder, file:///folder or s3://bucket/prefix; other S3 servers are s3:// with --endpoint.',
  })
}

function fromFileUrl(url: string): string {
  try {
    return fileURLToPath(url)
  } catch (cause) {
    throw invalid(url, 'names no folder of this machine', cause)
  }
}

function fromS3Url(url: string): StorePlace {
  const match = /^s3:\/\/([^/?#]+)(?:\/(.*))?$/is.exec(url)
  const bucket = match?.[1]
  if (bucket === undefined || !/^[A-Za-z0-9][A-Za-z0-9._:-]{1,254}$/.test(bucket)) throw invalid(url, 'names no bucket')
  const prefix = (match?.[2] ?? '').replace(/^\/+|\/+$/g, '')
  if (prefix.split('/').some((segment) => segment === '.' || segment === '..'))
    throw invalid(url, 'has a "." or ".." in it')
  return { kind: 's3', bucket, prefix }
}

function invalid(url: string, what: string, cause?: unknown): ArtError {
  return new ArtError('CONFIG_INVALID', `the remote's url ${what}`, {
    path: url,
    hint: 'Write it as /folder, file:///folder or s3://bucket/prefix.',
    cause,
  })
}

function jobsFor(place: StorePlace, { jobs }: StoreOptions): number {
  return jobs ?? (place.kind === 'directory' ? DEFAULT_JOBS.directory : DEFAULT_JOBS.network)
}
