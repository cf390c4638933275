import { type CallOptions, isArtError } from '@art/core'
import { keptTable } from '../model/kept-table.ts'
import type { Candidate } from '../model/newest.ts'
import { hasOptimizer, lookOf } from '../model/resume-point.ts'
import type { Session } from '../workspace/session.ts'

/**
 * Of one training, the newest first: the checkpoint that training can go on from, and newer ones of which nobody here can tell. Content that is not on
 * this machine is asked for at the remote, once.
 */
export async function resumeHolds(
  session: Session,
  candidates: readonly Candidate[],
  options: CallOptions & { remote?: string | undefined; cloud: boolean },
): Promise<Candidate[]> {
  const held: Candidate[] = []
  let far = options.cloud
  for (const candidate of candidates) {
    options.signal?.throwIfAborted()
    const isHere = await canTell(session, candidate)
    const known = isHere || far ? await ask(session, candidate, options) : undefined
    if (known === undefined && !isHere) far = false
    if (known === false) continue
    held.push(candidate)
    if (known === true) return held
  }
  return held
}

async function canTell({ cache }: Session, { artifact: { pointer }, model, modified }: Candidate): Promise<boolean> {
  if (!modified && keptTable(cache.layout, pointer.oid) !== undefined) return true
  const content = await model.open().catch(() => undefined)
  await content?.close()
  return content !== undefined
}

async function ask(
  session: Session,
  candidate: Candidate,
  { remote, signal, onEvent }: CallOptions & { remote?: string | undefined },
): Promise<boolean | undefined> {
  try {
    return hasOptimizer(
      session,
      candidate,
      await lookOf(session, candidate.model, { ...(remote !== undefined && { remote }), signal, onEvent }),
    )
  } catch (error) {
    if (signal?.aborted || !isArtError(error)) throw error
    return undefined
  }
}
