import type { Kind, Oid } from '@art/core'
import { LARGE_FILE } from '@art/core/cache/layout.ts'
import { CHUNK_MAX } from '@art/core/chunk/chunker.ts'

/** One content to send or to bring. */
export interface Target {
  kind: Kind
  oid: Oid
  /** Bytes of the file, or of all files of the directory. */
  size: number
  /** Of a directory, where it is known: a tree that names more is refused. */
  files?: number | undefined
  /** For messages: the artifact's path. */
  path: string
  /** When fetching: only this path in the directory, and what is below it. */
  inside?: string | undefined
}

export function targetKey({ kind, oid }: { kind: Kind; oid: Oid }): string {
  return `${kind}-${oid}`
}

/** How a content travels: nothing, one chunk, several chunks of a small file, or pieces of a whole object. */
export type Shape = 'empty' | 'chunk' | 'content' | 'object'

export function shapeOf(size: number): Shape {
  if (size === 0) return 'empty'
  if (size <= CHUNK_MAX) return 'chunk'
  return size < LARGE_FILE ? 'content' : 'object'
}
