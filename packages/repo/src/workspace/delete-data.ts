import { lstatSync, readdirSync, rmdirSync, rmSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type ArtIgnore, loadArtIgnore } from '../ignore/artignore.ts'
import type { Repo } from '../open.ts'
import type { Artifact } from '../target/find.ts'

/** Deletes what art tracks of an artifact in the workspace. What `.artignore` leaves out of a directory is nowhere else, and stays. */
export async function deleteData(
  repo: Repo,
  { absolutePath, path }: Pick<Artifact, 'absolutePath' | 'path'>,
): Promise<void> {
  const stats = lstatSync(absolutePath, { throwIfNoEntry: false })
  if (stats === undefined) return
  if (stats.isDirectory()) deleteFolder(absolutePath, '', await loadArtIgnore(repo, path))
  else rmSync(absolutePath)
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
