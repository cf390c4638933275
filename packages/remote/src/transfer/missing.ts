import { fromHex, isArtError, toHex } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { indexFromTree, members } from '@art/core/index/from-tree.ts'
import { childPath, isInside } from '@art/core/index/section.ts'
import type { Target } from './target.ts'

/** Every content of a target that the cache lacks; the target's own path for a directory whose tree is not there. */
export function missingInCache(target: Target, cache: Cache): { path: string; oid: string }[] {
  const missing: { path: string; oid: string }[] = []
  if (target.kind === 'f') {
    if (!cache.hasFile(fromHex(target.oid), target.size)) missing.push({ path: target.path, oid: target.oid })
    return missing
  }
  try {
    for (const { section, i } of members(indexFromTree(fromHex(target.oid), cache.readNode, { files: target.files }))) {
      const size = section.records.size(i)
      const oid = section.records.oid(i)
      const path = childPath(section.path, section.names[i]!)
      if (!isInside(path, target.inside) || cache.hasFile(oid, size)) continue
      missing.push({ path: `${target.path}/${path}`, oid: toHex(oid) })
    }
  } catch (error) {
    if (!isArtError(error, 'NOT_CACHED')) throw error
    missing.push({ path: target.path, oid: target.oid })
  }
  return missing
}
