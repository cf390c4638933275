import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ArtError, fromSystemError, isArtError, type Oid, fromHex, toHex } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { LARGE_FILE, objectPath } from '@art/core/cache/layout.ts'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import { checkChild } from '@art/core/tree/read.ts'
import { decodeNode, type TreeEntry } from '@art/core/tree/node.ts'
import { shardNames } from '@art/checkpoint/format/sharded.ts'
import { confinedNames } from '@art/checkpoint/source/beside.ts'
import { cachedContent, type Content, localContent } from './content.ts'
import { INDEX, modelFileAmong } from './folder-model.ts'

/** Of a folder that names the same nodes again and again no more is read. */
const ENTRIES_MAX = 2_000_000

/**
 * The model that a cached directory holds. Undefined where it holds none, or the cache lacks the tree or one of the model's files. `name` is what
 * errors call the directory. Fails with `CORRUPT` for a damaged tree.
 */
export async function cachedFolderContent(
  cache: Cache,
  { oid, name }: { oid: Oid; name: string },
): Promise<Content | undefined> {
  const root = fromHex(oid)
  if (!cache.hasNode(root)) return undefined
  const entries = new Map<string, TreeEntry>()
  for (const entry of folderEntries(cache, root)) if (entry.kind === 'f') entries.set(entry.name, entry)
  const file = modelFileAmong(entries.keys())
  if (file === undefined) return undefined
  const open = (relative: string, entry: TreeEntry | undefined): Promise<Content | undefined> =>
    entry === undefined
      ? Promise.resolve(undefined)
      : cachedContent(cache, { oid: toHex(entry.oid), size: entry.size, name: `${name}/${relative}` })
  const find = (relative: string): TreeEntry | undefined =>
    relative.includes('/') ? fileAt(cache, root, confinedNames(relative)) : entries.get(relative)
  const main = await open(file, entries.get(file))
  if (main === undefined) return undefined
  const parts = [...(await partsOf(main, file, entries.keys()))]
  const lacks = (entry: TreeEntry | undefined): boolean => entry !== undefined && !cache.hasFile(entry.oid, entry.size)
  if (parts.some((relative) => lacks(find(relative)))) {
    await main.close()
    return undefined
  }
  return {
    ...main,
    isFolder: true,
    openBeside: async (relative) => (await open(relative, find(relative)))?.source,
    pathOf: (relative) => (relative === undefined ? main.pathOf(undefined) : objectOf(cache, find(relative))),
  }
}

/** The files beside a model's own that it is read from: those that an index names; of ONNX any may hold weights. None where the index is damaged. */
async function partsOf({ source }: Content, file: string, names: Iterable<string>): Promise<Iterable<string>> {
  if (file.endsWith('.onnx')) return names
  if (!INDEX.test(file)) return []
  return await shardNames(source).catch((error: unknown) => {
    if (isArtError(error, 'CORRUPT') || isArtError(error, 'PATH_UNSAFE')) return []
    throw error
  })
}

/** A file of a cached directory, alone. Undefined where the cache lacks the tree or the file, and where the directory has none of that name. */
export async function cachedMemberContent(
  cache: Cache,
  { oid, name, inside }: { oid: Oid; name: string; inside: string },
): Promise<Content | undefined> {
  const root = fromHex(oid)
  const entry = cache.hasNode(root) ? fileAt(cache, root, confinedNames(inside)) : undefined
  if (entry === undefined) return undefined
  return await cachedContent(cache, { oid: toHex(entry.oid), size: entry.size, name: `${name}/${inside}` })
}

/** The model that a directory of this machine holds. */
export async function localFolderContent(path: string): Promise<Content | undefined> {
  const file = modelFileAmong(namesIn(path))
  return file === undefined ? undefined : { ...(await localContent(join(path, file))), isFolder: true }
}

/** Of the files in a directory of this machine. */
export function namesIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []))
  } catch (error) {
    throw fromSystemError(error, path)
  }
}

export interface LocalFolder {
  /** Of the files at its top. */
  names: readonly string[]
  /** Is every file of it on this machine? */
  isWhole(): boolean
}

/** Undefined for a file, and where the cache lacks the tree. */
export function cachedFolder(cache: Cache, { kind, oid }: Pick<Pointer, 'kind' | 'oid'>): LocalFolder | undefined {
  const root = fromHex(oid)
  if (kind !== 'd' || !cache.hasNode(root)) return undefined
  const names = [...folderEntries(cache, root)].flatMap((entry) => (entry.kind === 'f' ? [entry.name] : []))
  return { names, isWhole: () => isWhole(cache, root) }
}

/** `seen`: a stranger's tree may name one folder any number of times. */
function isWhole(cache: Cache, folder: Uint8Array, seen = new Set<string>()): boolean {
  if (seen.has(toHex(folder))) return true
  seen.add(toHex(folder))
  if (!cache.hasNode(folder)) return false
  for (const entry of folderEntries(cache, folder)) {
    if (entry.kind === 'd' && !isWhole(cache, entry.oid, seen)) return false
    if (entry.kind === 'f' && !cache.hasFile(entry.oid, entry.size)) return false
  }
  return true
}

function objectOf(cache: Cache, entry: TreeEntry | undefined): string | undefined {
  return entry === undefined || entry.size < LARGE_FILE ? undefined : objectPath(cache.layout, toHex(entry.oid))
}

function fileAt(cache: Cache, root: Uint8Array, names: readonly string[]): TreeEntry | undefined {
  let folder = root
  for (const [depth, name] of names.entries()) {
    const kind = depth === names.length - 1 ? 'f' : 'd'
    let found: TreeEntry | undefined
    for (const entry of folderEntries(cache, folder)) {
      if (entry.name !== name) continue
      found = entry.kind === kind ? entry : undefined
      break
    }
    if (found === undefined || kind === 'f') return found
    folder = found.oid
  }
  return undefined
}

/** What one folder of a tree holds, in the order of the names. */
function* folderEntries(cache: Cache, folder: Uint8Array): Generator<TreeEntry> {
  let left = ENTRIES_MAX
  function* below(oid: Uint8Array, parent?: { entry: TreeEntry; level: number }): Generator<TreeEntry> {
    const node = decodeNode(cache.readNode(oid))
    if (parent !== undefined) checkChild(parent.entry, parent.level, node, undefined)
    for (const entry of node.entries) {
      if (--left < 0) throw new ArtError('CORRUPT', 'the tree has more entries than art reads', { path: toHex(folder) })
      if (entry.kind === 'n') yield* below(entry.oid, { entry, level: node.level })
      else yield entry
    }
  }
  yield* below(folder)
}
