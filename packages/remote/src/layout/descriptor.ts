import { ArtError, type CallOptions, isArtError } from '@art/core'
import type { ObjectStore } from '../object-store.ts'
import { readAll } from '../read-all.ts'
import { readTwice } from './damage.ts'
import { DESCRIPTOR_KEY } from './keys.ts'

export type Access = 'read' | 'write' | 'gc'

/** What a client must know before it may read, write or collect a remote. */
export interface Descriptor {
  art: 1
  read: string[]
  write: string[]
  gc: string[]
}

/** Whatever is longer is no descriptor. */
const MOST_BYTES = 1 << 20

/** Features of version 1: packs with recipes, and roots with condemned lists. */
export const FEATURES: Record<Access, readonly string[]> = {
  read: ['packs-1'],
  write: ['packs-1', 'roots-1'],
  gc: ['packs-1', 'roots-1'],
}

export function encodeDescriptor(): Buffer {
  return Buffer.from(`${JSON.stringify({ art: 1, ...FEATURES }, undefined, 2)}\n`)
}

/** Throws `REMOTE_FEATURE` where the remote asks for what this version does not know, `REMOTE_DAMAGED` where it cannot be read. */
export function checkDescriptor(bytes: Uint8Array, access: Access, url: string): void {
  const known: readonly string[] = FEATURES[access]
  const wanted = parse(bytes, url)[access]
  const unknown = wanted.filter((feature) => !known.includes(feature))
  if (unknown.length === 0) return
  throw new ArtError(
    'REMOTE_FEATURE',
    `the remote needs ${unknown.join(', ')} to ${access}, which this art does not know`,
    {
      path: url,
      hint: 'Update art.',
    },
  )
}

function parse(bytes: Uint8Array, url: string): Descriptor {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString())
    if (isDescriptor(value)) return value
  } catch {}
  throw new ArtError('REMOTE_DAMAGED', `${DESCRIPTOR_KEY} cannot be read`, {
    path: url,
    hint: 'Check that the URL is that of an art remote.',
  })
}

function isDescriptor(value: unknown): value is Descriptor {
  if (typeof value !== 'object' || value === null) return false
  const lists = value as Record<string, unknown>
  return lists.art === 1 && ['read', 'write', 'gc'].every((access) => isNames(lists[access]))
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string')
}

export interface OpenOptions extends CallOptions {
  /** Where this machine keeps what it knows of the remote's content; undefined where it knows none. */
  remembered?: string | undefined
}

/**
 * Checks that this client may use the remote. Where there is no descriptor yet, a writer puts one: every version of art puts the
 * same bytes, so racing creations are harmless. A reader of an empty remote is told so, and so is a writer that knows it as filled: it is
 * rather a disk that is not mounted than a new remote.
 */
export async function openRemote(store: ObjectStore, access: Access, options: OpenOptions = {}): Promise<void> {
  try {
    await readTwice(async () =>
      checkDescriptor(await readAll(store, DESCRIPTOR_KEY, { ...options, limit: MOST_BYTES }), access, store.url),
    )
  } catch (error) {
    if (!isArtError(error, 'NOT_FOUND')) throw error
    if (access === 'read') throw emptyRemote(store.url, error)
    if (options.remembered !== undefined) throw vanishedRemote(store.url, options.remembered, error)
    await store.put(DESCRIPTOR_KEY, encodeDescriptor(), { ...options, ifNoneMatch: '*' })
  }
}

function emptyRemote(url: string, cause: unknown): ArtError {
  return new ArtError('REMOTE_NOT_FOUND', 'nothing has been pushed to the remote yet', {
    path: url,
    hint: 'Run `art push` where the data is, or check the URL with `art remote list`.',
    cause,
  })
}

function vanishedRemote(url: string, remembered: string, cause: unknown): ArtError {
  return new ArtError('REMOTE_NOT_FOUND', 'the remote is empty, though this machine knows contents there', {
    path: url,
    hint: `Mount it, or check its URL. If it was emptied on purpose, delete ${remembered}, where that is remembered.`,
    cause,
  })
}
