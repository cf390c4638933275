import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ArtError, fromHex, fromSystemError, isArtError, toHex } from '@art/core'
import { indexFromTree, members } from '@art/core/index/from-tree.ts'
import { flag } from '@art/core/index/record.ts'
import { childPath } from '@art/core/index/section.ts'
import { dataPathFor, isPointerPath } from '@art/core/pointer/name.ts'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import type { Failure } from '../api.ts'
import { shellWord } from '../shell-word.ts'
import { failureOf } from '../target/find.ts'
import type { Session } from '../workspace/session.ts'
import { cachedContent, type Content } from './content.ts'

/** A file in a tracked directory. */
export interface Member {
  /** Within the directory, `/`-separated. */
  path: string
  size: number
  /** Undefined where the cache lacks it. */
  open(): Promise<Content | undefined>
}

/** The files of a tracked directory, as its pointer names them. Fails with `NOT_CACHED` where its tree is not here. */
export function* membersOf({ cache }: Session, { oid, files }: Pointer, name: string): Generator<Member> {
  for (const { section, i } of members(treeOf(oid, files, name))) {
    const { records } = section
    if ((records.flags(i) & flag.kindMask) === flag.symlink) continue
    const path = childPath(section.path, section.names[i]!)
    const size = records.size(i)
    const content = { oid: toHex(records.oid(i)), size, name: `${name}/${path}` }
    yield { path, size, open: () => cachedContent(cache, content) }
  }

  function treeOf(root: string, count: number | undefined, path: string): ReturnType<typeof indexFromTree> {
    try {
      return indexFromTree(fromHex(root), cache.readNode, { files: count })
    } catch (error) {
      if (!isArtError(error, 'NOT_CACHED')) throw error
      throw notHere(path, { cause: error })
    }
  }
}

/** `bring`: the command for it, where that is another than `art fetch <path>`. */
export function notHere(
  path: string,
  { bring, cause }: { bring?: string | undefined; cause?: unknown } = {},
): ArtError {
  return new ArtError('NOT_CACHED', 'the content is not on this machine', {
    path,
    hint: `Run \`${bring ?? `art fetch ${shellWord(path)}`}\`.`,
    cause,
  })
}

/** A file below a folder; of a pointer whose data is not here, `pointer` is its path and `path` that of the data. */
export interface FoundFile {
  /** Below the folder, `/`-separated. */
  path: string
  pointer?: string
}

const NEVER_ENTERED = new Set(['.git', '.art'])

/**
 * Every file below a folder, sorted by path. Links to files count, since other tools keep models behind them; links to folders are not followed.
 * What cannot be listed is in `failed`.
 */
export function filesBelow(folder: string): { files: FoundFile[]; failed: Failure[] } {
  const found: { files: FoundFile[]; failed: Failure[] } = { files: [], failed: [] }
  const folders = ['']
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    const entries = list(join(folder, at), at, found.failed)
    const names = new Set(entries.map(({ name }) => name))
    for (const entry of entries) {
      const path = childPath(at, entry.name)
      if (entry.isDirectory()) {
        if (!NEVER_ENTERED.has(entry.name)) folders.push(path)
      } else if (isPointerPath(entry.name)) {
        if (!names.has(dataPathFor(entry.name))) found.files.push({ path: dataPathFor(path), pointer: path })
      } else if (isFile(entry, join(folder, path))) found.files.push({ path })
    }
  }
  found.files.sort((a, b) => (a.path < b.path ? -1 : 1))
  return found
}

function list(folder: string, path: string, failed: Failure[]): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    failed.push(failureOf(fromSystemError(error, folder), path))
    return []
  }
}

function isFile(entry: Dirent, path: string): boolean {
  if (entry.isFile()) return true
  return entry.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isFile() === true
}
