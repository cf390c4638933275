import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { CallOptions } from '../event.ts'
import { type ArtError, fromSystemError, isArtError } from '../error.ts'
import type { Cache } from '../cache/cache.ts'
import { type CacheLayout, LARGE_FILE, objectPath } from '../cache/layout.ts'
import { indexFromTree, members } from '../index/from-tree.ts'
import { fromHex, type Kind, type Oid, toHex } from '../oid.ts'
import { ENTRY_BYTES } from '../pack/layout.ts'
import { type Block, makeBlock, type Share, ShareCounter } from './shares.ts'

export interface UsedContent {
  kind: Kind
  oid: Oid
  /** Bytes of the file, or of all files of the directory. */
  size: number
  /** Of a directory, where it is known. */
  files?: number | undefined
}

export interface CacheShare extends Share {
  /** Bytes of the contents that the cache lacks. */
  absent: number
  /** Directories whose tree is damaged: nothing is known of them. */
  damaged: { content: UsedContent; error: ArtError }[]
}

export interface CacheUsage {
  groups: CacheShare[]
  /** What the first so many groups use together, each byte once: `stored[0]` is 0. */
  stored: number[]
}

/** What groups of contents take of a cache: whole objects, entries of packs with their lines in the table, and nodes of trees. */
export function cacheUsage(
  cache: Cache,
  groups: readonly (readonly UsedContent[])[],
  { signal }: CallOptions = {},
): CacheUsage {
  const counter = new ShareCounter(groups.length)
  const objects = new Map<Oid, Block>()
  const packs = packBlock(cache)
  const stored = [0]
  const absent: number[] = []
  const damaged: CacheShare['damaged'][] = groups.map(() => [])
  const usePacked = (group: number, id: Uint8Array): boolean => {
    const unit = cache.packs.numberOf(id)
    if (unit >= 0) counter.use(group, packs, unit)
    return unit >= 0
  }
  const useFile = (group: number, id: Uint8Array, size: number): boolean => {
    if (size < LARGE_FILE) return size === 0 || usePacked(group, id)
    const oid = toHex(id)
    const known = objects.get(oid) ?? objectBlock(cache.layout, oid, size)
    if (known === undefined) return false
    objects.set(oid, known)
    counter.use(group, known, 0)
    return true
  }
  const useTree = (group: number, { oid, size, files }: UsedContent): number => {
    let lacking = 0
    const readNode = (node: Uint8Array): Uint8Array => {
      usePacked(group, node)
      return cache.readNode(node)
    }
    try {
      for (const { section, i } of members(indexFromTree(fromHex(oid), readNode, { files }))) {
        const bytes = section.records.size(i)
        if (!useFile(group, section.records.oid(i), bytes)) lacking += bytes
      }
      return lacking
    } catch (error) {
      if (isArtError(error, 'NOT_CACHED')) return size
      throw error
    }
  }
  for (const [group, contents] of groups.entries()) {
    absent[group] = 0
    for (const content of contents) {
      signal?.throwIfAborted()
      try {
        if (content.kind === 'd') absent[group] += useTree(group, content)
        else if (!useFile(group, fromHex(content.oid), content.size)) absent[group] += content.size
      } catch (error) {
        if (!isArtError(error, 'CORRUPT') && !isArtError(error, 'UNSUPPORTED')) throw error
        damaged[group]!.push({ content, error: fromSystemError(error) })
      }
    }
    stored.push(counter.stored)
  }
  return {
    groups: groups.map((_, i) => ({ ...counter.shareOf(i), absent: absent[i]!, damaged: damaged[i]! })),
    stored,
  }
}

/** All packs of the cache as one block, numbered as `PackSet` numbers their entries. */
function packBlock({ packs: { tables } }: Cache): Block {
  let count = 0
  for (const table of tables) count += table.count
  const sizes = new Uint32Array(count)
  let at = 0
  for (const table of tables) for (let i = 0; i < table.count; i++) sizes[at++] = table.storedLength(i) + ENTRY_BYTES
  return makeBlock(count, (unit) => sizes[unit]!)
}

function objectBlock(layout: CacheLayout, oid: Oid, size: number): Block | undefined {
  const found = statSync(objectPath(layout, oid), { throwIfNoEntry: false })?.size
  return found === size ? makeBlock(1, () => size) : undefined
}

/** Bytes of all objects and packs of a cache, whatever names them. */
export function cacheBytes({ objects, packs }: CacheLayout): number {
  let bytes = 0
  for (const folder of [
    packs,
    ...list(objects)
      .flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
      .map((name) => join(objects, name)),
  ])
    for (const entry of list(folder))
      if (entry.isFile()) bytes += statSync(join(folder, entry.name), { throwIfNoEntry: false })?.size ?? 0
  return bytes
}

function list(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}
