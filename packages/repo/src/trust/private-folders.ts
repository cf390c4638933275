import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromSystemError } from '@art/core'
import type { Repo } from '../open.ts'
import { refuseStrangeCache } from './cache-place.ts'
import { refuseLink, refuseLinksAmong } from './link.ts'

/**
 * Makes the folders that only this machine has, each hidden from git whatever commit is checked out. Fails with `PATH_UNSAFE` or
 * `CONFIG_INVALID` where one of them would lie where a stranger wants it.
 */
export function ensurePrivateFolders(repo: Repo): void {
  for (const path of [repo.artDir, repo.tmpDir, repo.indexDir]) refuseLink(path)
  if (repo.gitRoot === undefined) for (const folder of [repo.tmpDir, repo.indexDir]) refuseLinksAmong(folder)
  refuseStrangeCache(repo)
  for (const folder of [repo.cacheDir, repo.tmpDir, repo.indexDir]) {
    const ignore = join(folder, '.gitignore')
    if (existsSync(ignore)) continue
    try {
      mkdirSync(folder, { recursive: true })
      writeFileSync(ignore, '*\n', { flag: 'wx' })
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') continue
      // A read-only cache can still be read from.
      if (folder === repo.cacheDir && existsSync(folder) && (code === 'EACCES' || code === 'EROFS')) continue
      throw fromSystemError(error, folder)
    }
  }
}
