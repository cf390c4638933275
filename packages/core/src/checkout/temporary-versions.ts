import { lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LARGE_FILE } from '../cache/layout.ts'
import type { DirIndex } from '../index/dir-index.ts'
import type { TemporaryWorkspace } from '../temporary-workspace.ts'
import type { CheckedOutDirectory } from './directory.ts'

/** For tests. */
export const LARGE: Buffer = Buffer.alloc(LARGE_FILE + 3, 'large')

/** A path to null is an empty folder, one to `-> x` a link. */
export type Content = Record<string, string | Buffer | null>

/** Makes the workspace hold exactly this, and adds it. */
export async function addVersion(work: TemporaryWorkspace, content: Content): Promise<DirIndex & { oid: string }> {
  clear(work)
  for (const [path, value] of Object.entries(content)) {
    mkdirSync(dirname(work.path(path)), { recursive: true })
    if (value === null) mkdirSync(work.path(path), { recursive: true })
    else if (typeof value === 'string' && value.startsWith('-> ')) symlinkSync(value.slice(3), work.path(path))
    else work.write(path, value)
  }
  return await work.add()
}

export function clear(work: TemporaryWorkspace): void {
  rmSync(work.data, { recursive: true, force: true })
  mkdirSync(work.data)
}

export function counts({ added, modified, removed }: CheckedOutDirectory): number[] {
  return [added, modified, removed]
}

/** Inode and times of everything: a path whose entry is written anew differs. */
export function statsIn(work: TemporaryWorkspace): Record<string, string> {
  const found: Record<string, string> = {}
  for (const entry of readdirSync(work.data, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue
    const path = join(entry.parentPath, entry.name)
    const { ino, mtimeMs, ctimeMs } = lstatSync(path)
    found[path.slice(work.data.length + 1)] = `${ino} ${mtimeMs} ${ctimeMs}`
  }
  return found
}
