import { type CallOptions, fromSystemError } from '@art/core'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import { typedPath } from '../target/path.ts'
import type { Session } from '../workspace/session.ts'
import type { Described } from './describe.ts'
import { keepTable } from './kept-table.ts'
import { noteFacts, warnOfFailure, warnOfLeftOut, warnOfUnknown } from './note-facts.ts'
import { readStored } from './read-stored.ts'

/** Content that is in the cache, with a pointer that is to be written. */
export interface Candidate {
  path: string
  pointer: Pointer
  /** What it is, where that was found out while it was stored. */
  described?: Described | undefined
}

/** Reads stored contents that may be models, and puts what they say into their pointers. Whatever goes wrong is a warning: the bytes are safe. */
export async function addFacts(
  session: Session,
  candidates: readonly Candidate[],
  options: CallOptions,
): Promise<void> {
  const known: { path: string; described: Described }[] = []
  const leftOut: { path: string; leftOut: string }[] = []
  for (const { path, pointer, described: early } of candidates) {
    options.signal?.throwIfAborted()
    try {
      const described = early ?? (await readStored(session, path, pointer, options))
      if (described === undefined) continue
      const { failure, table } = described
      if (failure !== undefined) warnOfFailure(session, path, failure, options)
      leftOut.push({ path, leftOut: noteFacts(session, path, pointer, described, options) })
      if (pointer.checkpoint !== undefined && table !== undefined) keepTable(session.cache.layout, pointer.oid, table)
      known.push({ path, described })
    } catch (error) {
      if (options.signal?.aborted) throw error
      const { message } = fromSystemError(error, path)
      options.onEvent?.({
        type: 'warning',
        message: `its pointer tells nothing of it: ${message}`,
        path: typedPath(session.repo, path),
      })
    }
  }
  warnOfLeftOut(session, leftOut, options)
  warnOfUnknown(session, known, options)
}
