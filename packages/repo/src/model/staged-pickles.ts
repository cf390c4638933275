import { START_BYTES } from '@art/checkpoint/format/start.ts'
import { bytesSource } from '@art/checkpoint/source/bytes.ts'
import { blobContents } from '../git/blob.ts'
import type { StagedFile } from '../git/staging.ts'
import type { Repo } from '../open.ts'
import { allowedImports } from './allow.ts'
import { mayBePickle, type UnsafeContent, unsafeImports } from './gate.ts'

export interface StagedPickles {
  unsafe: UnsafeContent[]
  /** Paths of those that are too large. */
  skipped: string[]
}

/** Larger ones do not belong into git, which the check says by itself. */
const LARGEST = 32 << 20
/** Bytes that git is asked for at a time. */
const TOGETHER = 32 << 20

/** Which files that git is about to take are unsafe pickles: their staged bytes, read with few calls of git, scanned where they begin like one. */
export async function unsafeStaged(repo: Repo, staged: readonly StagedFile[]): Promise<StagedPickles> {
  const allow = allowedImports(repo.config).names
  const found: StagedPickles = { unsafe: [], skipped: [] }
  for (const some of portions(staged.filter(({ size }) => size <= LARGEST))) {
    const contents = await blobContents(
      repo,
      some.map(({ blob }) => blob),
    )
    for (const { path, blob } of some) {
      const content = contents.get(blob)
      if (content === undefined || !mayBePickle(content.subarray(0, START_BYTES), path)) continue
      const source = bytesSource(path, content)
      const imports = await unsafeImports({ source, close: () => source.close() }, path, allow)
      if (imports !== undefined) found.unsafe.push({ path, imports })
    }
  }
  for (const { path, size } of staged)
    if (size > LARGEST && mayBePickle(new Uint8Array(0), path)) found.skipped.push(path)
  return found
}

function* portions(files: readonly StagedFile[]): Generator<StagedFile[]> {
  let some: StagedFile[] = []
  let bytes = 0
  for (const file of files) {
    if (bytes + file.size > TOGETHER && some.length > 0) {
      yield some
      some = []
      bytes = 0
    }
    some.push(file)
    bytes += file.size
  }
  if (some.length > 0) yield some
}
