import { lstatSync, readdirSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { toHex } from '@art/core'
import { isSealed } from '@art/core/cache/seal.ts'
import { flag, type Records } from '@art/core/index/record.ts'
import { childPath, type Section } from '@art/core/index/section.ts'
import { loadIndex } from '@art/core/index/store.ts'
import { type ArtIgnore, loadArtIgnore } from '../ignore/artignore.ts'
import type { Artifact } from '../target/find.ts'
import { directoryIndexPath } from './index-path.ts'
import type { Session } from './session.ts'

/** `touched`: written to since its pointer, perhaps with the same content. */
export type Drift = 'differs' | 'touched'

/** Looking at more files than these would be felt. */
const MOST_FILES = 20_000

/**
 * Has the data of an artifact changed since its pointer was written? By stats alone, so it takes a moment; undefined where it has not, or
 * where they do not tell. Data that art left there for an earlier pointer has not changed.
 */
export async function driftOf(session: Session, artifact: Artifact): Promise<Drift | undefined> {
  const stat = lstatSync(artifact.absolutePath, { throwIfNoEntry: false })
  if (stat === undefined || stat.isSymbolicLink()) return undefined
  if (stat.isDirectory() !== (artifact.pointer.kind === 'd')) return 'differs'
  return artifact.pointer.kind === 'f' ? fileDrift(session, artifact, stat) : await directoryDrift(session, artifact)
}

function fileDrift({ files }: Session, { path, pointer }: Artifact, stat: Stats): Drift | undefined {
  // A hard link to an object of the cache that nobody has written to.
  if (stat.nlink > 1 && isSealed(stat.mtimeMs)) return undefined
  const known = files.get(path)
  if (known !== undefined && isUntouched(known.records, known.i, stat)) {
    const oid = toHex(known.records.oid(known.i))
    return oid === pointer.oid || files.isSettled(path, oid) ? undefined : 'differs'
  }
  if (stat.size !== pointer.size) return 'differs'
  return known === undefined ? undefined : 'touched'
}

async function directoryDrift({ repo }: Session, artifact: Artifact): Promise<Drift | undefined> {
  const { path, absolutePath, pointer } = artifact
  if ((pointer.files ?? 0) > MOST_FILES) return undefined
  const index = loadIndex(directoryIndexPath(repo, path))?.decoded
  if (index === undefined || toHex(index.root) !== pointer.oid) return undefined
  const ignores = await loadArtIgnore(repo, path)
  let touched = false
  try {
    for (const section of index.sections) {
      const drift = folderDrift(join(absolutePath, section.path), section, ignores)
      if (drift === 'differs') return drift
      touched ||= drift === 'touched'
    }
  } catch {
    return 'differs'
  }
  return touched ? 'touched' : undefined
}

function folderDrift(folder: string, { path, names, records }: Section, ignores: ArtIgnore): Drift | undefined {
  let touched = false
  const known = new Set(names)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!known.delete(entry.name) && !ignores(childPath(path, entry.name), entry.isDirectory())) return 'differs'
  }
  if (known.size > 0) return 'differs'
  for (const [i, name] of names.entries()) {
    if ((records.flags(i) & flag.kindMask) === flag.folder || (records.flags(i) & flag.stat) === 0) continue
    const stat = lstatSync(join(folder, name))
    if (isUntouched(records, i, stat)) continue
    if (stat.size !== records.size(i)) return 'differs'
    touched = true
  }
  return touched ? 'touched' : undefined
}

function isUntouched(records: Records, i: number, stat: Stats): boolean {
  return records.size(i) === stat.size && records.mtime(i) === stat.mtimeMs
}
