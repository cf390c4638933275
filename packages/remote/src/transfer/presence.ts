import type { CallOptions } from '@art/core'
import type { ObjectStore } from '../object-store.ts'

/** Beyond this many, listing a thousand at a time is cheaper than asking for each. */
export const FEW = 64
const PARALLEL = 16

/** Which of the wanted objects (key → size in bytes) are absent or have another size. */
export async function findAbsent(
  store: ObjectStore,
  wanted: ReadonlyMap<string, number>,
  options?: CallOptions,
): Promise<Set<string>> {
  return wanted.size <= FEW ? await headAll(store, wanted, options) : await listAll(store, wanted, options)
}

async function headAll(
  store: ObjectStore,
  wanted: ReadonlyMap<string, number>,
  options?: CallOptions,
): Promise<Set<string>> {
  const absent = new Set<string>()
  const left = [...wanted]
  const next = async (): Promise<void> => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) {
      const [key, size] = one
      if ((await store.head(key, options))?.size !== size) absent.add(key)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, next))
  return absent
}

async function listAll(
  store: ObjectStore,
  wanted: ReadonlyMap<string, number>,
  options?: CallOptions,
): Promise<Set<string>> {
  const absent = new Set(wanted.keys())
  const prefixes = new Set([...wanted.keys()].map((key) => key.slice(0, key.indexOf('/') + 1)))
  for (const prefix of prefixes) {
    for await (const { key, size } of store.list(prefix, options)) if (wanted.get(key) === size) absent.delete(key)
  }
  return absent
}
