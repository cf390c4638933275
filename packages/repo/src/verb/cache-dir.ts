import { resolve } from 'node:path'
import { cacheLayout, ensureCache } from '@art/core/cache/layout.ts'
import type { ConfigChange } from '../api.ts'
import { setConfig } from '../config/edit.ts'
import type { FileLevel } from '../config/level.ts'
import type { Repo } from '../open.ts'
import { changed } from '../config/change.ts'

/** Where the cache is, absolute. */
export function cacheDir(repo: Repo): string {
  return repo.cacheDir
}

/**
 * Puts the cache elsewhere from now on; what the old one holds stays there. A relative path starts in the current folder. The folder
 * becomes a cache at once: so everybody who shares it may use it, whoever's configuration names it.
 */
export async function setCacheDir(
  repo: Repo,
  path: string,
  options: { level?: FileLevel } = {},
): Promise<ConfigChange> {
  const { level = 'project' } = options
  ensureCache(cacheLayout(resolve(repo.cwd, path)))
  return changed(level, await setConfig(repo, level, { 'cache.dir': path }))
}
