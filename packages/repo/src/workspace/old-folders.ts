import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const DAY = 86_400_000

/** Removes what `mkdtemp` made with a prefix for commands that were killed: folders of this user that are older than a day. */
export function removeOldFolders(parent: string, prefix: string): void {
  try {
    for (const name of readdirSync(parent)) {
      if (!name.startsWith(prefix) || !/^[A-Za-z0-9]{6}$/.test(name.slice(prefix.length))) continue
      const path = join(parent, name)
      const stat = lstatSync(path)
      const isOurs = process.getuid === undefined || stat.uid === process.getuid()
      if (!stat.isDirectory() || !isOurs || stat.mtimeMs >= Date.now() - DAY) continue
      rmSync(path, { recursive: true, force: true })
    }
  } catch {
    // Somebody else does it, or nobody may.
  }
}
