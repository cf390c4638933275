import { type CallOptions, isArtError, type Oid } from '@art/core'
import { TABLES, tableKey } from '../layout/keys.ts'
import type { ObjectStore } from '../object-store.ts'
import { readAll } from '../read-all.ts'
import { mapParallel } from './parallel.ts'
import { FEW } from './presence.ts'

/** Bytes of the tensor tables that a remote has of these contents. */
export async function tableSizes(
  store: ObjectStore,
  oids: readonly Oid[],
  options?: CallOptions,
): Promise<Map<Oid, number>> {
  const sizes = new Map<Oid, number>()
  if (oids.length <= FEW) {
    await mapParallel(oids, async (oid) => {
      const found = await store.head(tableKey(oid), options)
      if (found !== undefined) sizes.set(oid, found.size)
    })
    return sizes
  }
  const wanted = new Set(oids)
  for await (const { key, size } of store.list(TABLES, options)) {
    const oid = key.slice(TABLES.length)
    if (wanted.has(oid)) sizes.set(oid, size)
  }
  return sizes
}

/** A tensor table as the remote has it, of at most `limit` bytes; undefined where it has none. Whether it is one is not looked at. */
export async function getTable(
  store: ObjectStore,
  oid: Oid,
  limit: number,
  options?: CallOptions,
): Promise<Buffer | undefined> {
  try {
    return await readAll(store, tableKey(oid), { ...options, limit })
  } catch (error) {
    if (isArtError(error, 'NOT_FOUND')) return undefined
    throw error
  }
}

export async function putTable(store: ObjectStore, oid: Oid, bytes: Uint8Array, options?: CallOptions): Promise<void> {
  await store.put(tableKey(oid), bytes, options)
}
