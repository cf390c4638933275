import { closeSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ArtError } from '@art/core'
import { openPlainFile } from '@art/core/fs/plain-file.ts'
import { readWholeSync } from '@art/core/fs/whole.ts'

export interface IndexEntry {
  /** Relative to the top of the working tree. */
  name: string
  /** 0o120000 for a link, 0o160000 for a submodule. */
  mode: number
}

const HEADER = 12
const MODE_AT = 24
/** ctime, mtime, dev, ino, mode, uid, gid, size: 40 bytes; the object's name; flags. */
const BEFORE_NAME = 40
const EXTENDED = 0x4000
const LENGTH = 0xfff

/** Enough for the names that come first in nearly every index. */
const HEAD_BYTES = 256 << 10

/**
 * Tells of each entry of an index file, in the order of their names' bytes, until `visit` says no. It may begin anew half way.
 * Starting git would cost a short command more than all the rest of it. False where only git can tell: a form that is not known,
 * or an index that is split. Format: gitformat-index(5).
 */
export function visitIndex(gitDir: string, file: string, visit: (entry: IndexEntry) => boolean): boolean {
  if (readdirSync(gitDir).some((name) => name.startsWith('sharedindex.'))) return false
  let opened: ReturnType<typeof openPlainFile>
  try {
    opened = openPlainFile(file, { follow: true })
  } catch (error) {
    return !(error instanceof ArtError)
  }
  const { fd, stat } = opened
  try {
    const { size } = stat
    for (const length of [Math.min(size, HEAD_BYTES), size]) {
      const bytes = Buffer.alloc(length)
      readWholeSync(fd, bytes, 0)
      const outcome = visitBytes(bytes, length < size, visit)
      if (outcome !== 'cut') return outcome === 'done'
    }
    return false
  } finally {
    closeSync(fd)
  }
}

type Outcome = 'done' | 'cut' | 'misfit'

function visitBytes(bytes: Buffer, isHead: boolean, visit: (entry: IndexEntry) => boolean): Outcome {
  if (bytes.length < HEADER || bytes.toString('latin1', 0, 4) !== 'DIRC') return 'misfit'
  const version = bytes.readUInt32BE(4)
  if (version < 2 || version > 4) return 'misfit'
  for (const idBytes of [20, 32]) {
    const outcome = visitEntries(bytes, version, idBytes, visit)
    if (outcome === 'done' || (outcome === 'cut' && isHead)) return outcome
  }
  return 'misfit'
}

/** `misfit`: the repository uses the other hash. */
function visitEntries(bytes: Buffer, version: number, idBytes: number, visit: (entry: IndexEntry) => boolean): Outcome {
  let at = HEADER
  let previous: Buffer = Buffer.alloc(0)
  for (let left = bytes.readUInt32BE(8); left > 0; left--) {
    const flagsAt = at + BEFORE_NAME + idBytes
    if (flagsAt + 8 > bytes.length) return 'cut'
    const flags = bytes.readUInt16BE(flagsAt)
    let start = flagsAt + ((flags & EXTENDED) !== 0 ? 4 : 2)
    let kept: Buffer = Buffer.alloc(0)
    if (version === 4) {
      let strip = 0
      for (let byte = 0x80, first = true; (byte & 0x80) !== 0; first = false) {
        byte = bytes[start++] ?? 0
        strip = (first ? 0 : (strip + 1) * 128) + (byte & 0x7f)
      }
      if (strip > previous.length) return 'misfit'
      kept = previous.subarray(0, previous.length - strip)
    }
    const end = bytes.indexOf(0, start)
    if (end < 0) return 'cut'
    const name = kept.length === 0 ? bytes.subarray(start, end) : Buffer.concat([kept, bytes.subarray(start, end)])
    const length = flags & LENGTH
    if (length < LENGTH && name.length !== length) return 'misfit'
    if (!visit({ name: name.toString('utf8'), mode: bytes.readUInt32BE(at + MODE_AT) })) return 'done'
    previous = name
    at = version === 4 ? end + 1 : at + ((end - at + 8) & ~7)
  }
  return 'done'
}

/** The index that git uses: that of a commit which is under way, where a hook is told of one. */
export function indexFile(gitDir: string, environment: NodeJS.ProcessEnv): string {
  return environment['GIT_INDEX_FILE'] ?? join(gitDir, 'index')
}
