import { lstatSync, readdirSync, renameSync, rmdirSync, rmSync, unlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stagingFolder, stagingPath } from '@art/core/checkout/staging.ts'
import { type ArtIgnore, loadArtIgnore } from '../ignore/artignore.ts'
import type { Repo } from '../open.ts'
import type { Artifact } from '../target/find.ts'

/**
 * Deletes what art tracks of an artifact in the workspace. What `.artignore` leaves out of a directory is nowhere else, and stays. A directory of which
 * nothing stays goes at once, so that a command that is cut short leaves no part of it, which would look like a change.
 */
export async function deleteData(
  repo: Repo,
  { absolutePath, path }: Pick<Artifact, 'absolutePath' | 'path'>,
): Promise<void> {
  const stats = lstatSync(absolutePath, { throwIfNoEntry: false })
  if (stats === undefined) return
  if (!stats.isDirectory()) return rmSync(absolutePath)
  const ignores = await loadArtIgnore(repo, path)
  const away = isAllTracked(absolutePath, '', ignores) ? movedAway(repo, absolutePath) : undefined
  if (away === undefined) deleteFolder(absolutePath, '', ignores)
  else rmSync(away, { recursive: true, force: true, maxRetries: 3 })
}

function isAllTracked(absolute: string, path: string, ignores: ArtIgnore): boolean {
  return readdirSync(absolute, { withFileTypes: true }).every((entry) => {
    const below = path === '' ? entry.name : `${path}/${entry.name}`
    const isFolder = entry.isDirectory()
    return !ignores(below, isFolder) && (!isFolder || isAllTracked(join(absolute, entry.name), below, ignores))
  })
}

/** To where the next command removes it if this one is killed; undefined where it cannot be moved, such as a folder that is mounted. */
function movedAway({ tmpDir }: Repo, absolute: string): string | undefined {
  try {
    const staging = stagingFolder(dirname(absolute), tmpDir)
    if (staging !== tmpDir) return undefined
    const away = stagingPath(staging)
    renameSync(absolute, away)
    return away
  } catch {
    return undefined
  }
}

function deleteFolder(absolute: string, path: string, ignores: ArtIgnore): boolean {
  let empty = true
  // Asked before any goes, because the rules themselves lie among these.
  const entries = readdirSync(absolute, { withFileTypes: true }).map((entry) => {
    const below = path === '' ? entry.name : `${path}/${entry.name}`
    return { entry, below, stays: ignores(below, entry.isDirectory()) }
  })
  for (const { entry, below, stays } of entries) {
    const child = join(absolute, entry.name)
    if (stays) empty = false
    else if (!entry.isDirectory()) unlinkSync(child)
    else if (!deleteFolder(child, below, ignores)) empty = false
  }
  if (empty) rmdirSync(absolute)
  return empty
}
