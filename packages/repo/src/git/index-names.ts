import { readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { isPointerPath } from '@art/core/pointer/name.ts'
import type { Repo } from '../open.ts'

const HEADER = 12
/** ctime, mtime, dev, ino, mode, uid, gid, size: 40 bytes; the object's name; flags. */
const BEFORE_NAME = 40

/**
 * Root-relative paths of the pointers that git's index names, read from the index file itself: starting git would cost `status` more
 * than all the rest of it. undefined where there is no git, or an index of a form that only git reads (version 4, split indexes).
 * Format: gitformat-index(5).
 */
export function trackedPointers(repo: Repo): Set<string> | undefined {
  if (repo.gitDir === undefined || repo.gitRoot === undefined) return undefined
  let bytes: Buffer
  try {
    bytes = readFileSync(repo.environment['GIT_INDEX_FILE'] ?? join(repo.gitDir, 'index'))
  } catch {
    return new Set()
  }
  const below = relative(repo.gitRoot, repo.root).split(sep).join('/')
  return readNames(bytes, below === '' ? '' : `${below}/`)
}

function readNames(bytes: Buffer, prefix: string): Set<string> | undefined {
  if (bytes.length < HEADER || bytes.toString('latin1', 0, 4) !== 'DIRC') return undefined
  const version = bytes.readUInt32BE(4)
  if (version !== 2 && version !== 3) return undefined
  for (const idBytes of [20, 32]) {
    const names = readEntries(bytes, prefix, idBytes)
    if (names !== undefined) return names
  }
  return undefined
}

/** undefined where the entries do not fit: the repository then uses the other hash. */
function readEntries(bytes: Buffer, prefix: string, idBytes: number): Set<string> | undefined {
  const names = new Set<string>()
  let at = HEADER
  for (let left = bytes.readUInt32BE(8); left > 0; left--) {
    const flagsAt = at + BEFORE_NAME + idBytes
    if (flagsAt + 2 > bytes.length) return undefined
    const extended = (bytes.readUInt16BE(flagsAt) & 0x4000) !== 0
    const start = flagsAt + (extended ? 4 : 2)
    const end = bytes.indexOf(0, start)
    const length = bytes.readUInt16BE(flagsAt) & 0xfff
    if (end < 0 || (length < 0xfff && end - start !== length)) return undefined
    const name = bytes.toString('utf8', start, end)
    if (isPointerPath(name) && name.startsWith(prefix)) names.add(name.slice(prefix.length))
    at += (end - at + 8) & ~7
  }
  return names
}
