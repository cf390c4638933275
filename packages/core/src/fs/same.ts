import type { Stats } from 'node:fs'

/** Do two stats say that nothing was written in between? */
export function isSame(a: Stats, b: Stats): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino
}
