import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** How much there is to do, at most. */
export interface Work {
  files: number
  bytes?: number
  /** It follows what this thread is busy with, so that more threads would only take cores from it. */
  follows?: true
}

const FEW_FILES = 2000
const FEW_BYTES = 16 << 20

/** Would starting a thread take longer than the work? */
export function isLittle({ files, bytes = 0 }: Work): boolean {
  return files <= FEW_FILES && bytes <= FEW_BYTES
}

/** What lies below a folder, counted only until it is more than a little. */
export function measureWork(folder: string): Work {
  const work = { files: 0, bytes: 0 }
  const folders = [folder]
  for (let next = folders.pop(); next !== undefined && isLittle(work); next = folders.pop()) {
    const entries = readdirSync(next, { withFileTypes: true })
    work.files += entries.length
    for (const entry of entries) {
      if (!isLittle(work)) break
      if (entry.isDirectory()) folders.push(join(next, entry.name))
      else if (entry.isFile()) work.bytes += lstatSync(join(next, entry.name), { throwIfNoEntry: false })?.size ?? 0
    }
  }
  return work
}
