import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Until when a stat taken on this file system can be trusted: a later write is sure to show in mtime or ctime. */
export interface Probe {
  /** Entries changed at or after this time (ms) are racy. */
  trustedBefore: number
}

/** File systems that keep fractions of a second tick at least every 10 ms; the others (FAT, HFS+) every 2 s. */
const FINE_SLACK = 50
const COARSE_SLACK = 2000

/** Asks the workspace's own file system what time it is: its clock may differ from this machine's (NFS). */
export function takeProbe(folder: string): Probe {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'probe')
  writeFileSync(file, '')
  const { mtimeMs } = statSync(file)
  return { trustedBefore: mtimeMs - (mtimeMs % 1000 === 0 ? COARSE_SLACK : FINE_SLACK) }
}
