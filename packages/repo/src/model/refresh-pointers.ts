import { isDeepStrictEqual } from 'node:util'
import { fromHex } from '@art/core'
import { atomicWriteSync } from '@art/core/fs/atomic-write.ts'
import { changedWhileRead } from '@art/core/fs/refusal.ts'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import { serializePointer } from '@art/core/pointer/serialize.ts'
import type { AddedArtifact, AddOptions } from '../api.ts'
import type { Artifact } from '../target/find.ts'
import { addedOf } from '../workspace/added.ts'
import type { Session } from '../workspace/session.ts'
import { alone } from './content.ts'
import type { Described } from './describe.ts'
import { workspaceContent } from './find.ts'
import { keepTable } from './kept-table.ts'
import { noteFacts, warnOfFailure, warnOfLeftOut, warnOfUnknown } from './note-facts.ts'
import { described, describeOptions, readStored } from './read-stored.ts'

export interface Refreshed {
  /** Models, whether their pointers changed or not. */
  refreshed: AddedArtifact[]
  failures: { path: string; error: unknown }[]
  /** Pointers that were written. */
  touched: string[]
}

/** Reads what is here of these artifacts, and puts it into their pointers. */
export async function refreshPointers(
  session: Session,
  artifacts: readonly Artifact[],
  options: AddOptions,
): Promise<Refreshed> {
  const result: Refreshed = { refreshed: [], failures: [], touched: [] }
  const known: { path: string; described: Described }[] = []
  const leftOut: { path: string; leftOut: string }[] = []
  let absent = 0
  for (const artifact of artifacts) {
    const { path } = artifact
    try {
      options.signal?.throwIfAborted()
      const found = await readNow(session, artifact, options)
      if (found === 'absent') absent++
      if (found === 'absent' || found === undefined) continue
      if (found.failure !== undefined) warnOfFailure(session, path, found.failure, options)
      if (found.table === undefined && found.scan?.verdict !== 'unsafe') continue
      known.push({ path, described: found })
      leftOut.push({ path, leftOut: await rewrite(session, artifact, found, options, result) })
    } catch (error) {
      options.signal?.throwIfAborted()
      result.failures.push({ path, error })
    }
  }
  warnOfLeftOut(session, leftOut, options)
  warnOfUnknown(session, known, options)
  if (absent > 0) {
    const message = `${absent} ${absent === 1 ? 'artifact is' : 'artifacts are'} not here, so nothing was read: \`art fetch\` first`
    options.onEvent?.({ type: 'warning', message })
  }
  return result
}

/** From the cache, else from the workspace where that is still what the pointer says. Undefined for a directory without a model. */
async function readNow(
  session: Session,
  artifact: Artifact,
  options: AddOptions,
): Promise<Described | 'absent' | undefined> {
  const { path, pointer } = artifact
  const { cache } = session
  const oid = fromHex(pointer.oid)
  if (pointer.kind === 'f' ? cache.hasFile(oid, pointer.size) : cache.hasNode(oid))
    return await readStored(session, path, pointer, options)
  const content = await workspaceContent(session, artifact)
  if (content === undefined) return 'absent'
  const own = content.isFolder ? content : alone(content)
  const found = await described(own, describeOptions(session, options))
  const again = await workspaceContent(session, artifact)
  await again?.close()
  if (again === undefined || !own.isUntouched()) throw changedWhileRead(path)
  return found
}

async function rewrite(
  session: Session,
  { path, pointer, pointerPath, absolutePointer, pointerText }: Artifact,
  found: Described,
  options: AddOptions,
  { refreshed, touched }: Refreshed,
): Promise<string> {
  const next: Pointer = { ...pointer }
  const leftOut = noteFacts(session, path, next, found, options)
  const isSame = isDeepStrictEqual(next.checkpoint, pointer.checkpoint)
  if (options.dryRun !== true) {
    if (next.checkpoint !== undefined && found.table !== undefined)
      keepTable(session.cache.layout, next.oid, found.table)
    if (!isSame) {
      atomicWriteSync(absolutePointer, await serializePointer(next, pointerText), { staging: session.repo.tmpDir })
      touched.push(pointerPath)
    }
  }
  if (next.checkpoint !== undefined || !isSame) refreshed.push(addedOf(path, next, isSame ? 'unchanged' : 'updated'))
  return leftOut
}
