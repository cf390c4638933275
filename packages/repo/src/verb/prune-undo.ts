import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { ArtError } from '@art/core'
import { dataPathFor, pointerPathFor } from '@art/core/pointer/name.ts'
import { parsePointer } from '@art/core/pointer/pointer.ts'
import type { PruneOptions, PruneUndoResult } from '../cleaning-api.ts'
import { assertRoom, ignoreFile, putPointer } from '../cleaning/relocate.ts'
import { pointersAt } from '../git/history.ts'
import { stageForUser } from '../git/staging.ts'
import type { Repo } from '../open.ts'
import { textAt } from '../registry/open.ts'
import { failureOf } from '../target/find.ts'
import { pathsNamed } from '../target/named-paths.ts'
import { namedPath } from '../target/path.ts'
import { checkoutTargets } from '../workspace/checkout-targets.ts'
import { withLock } from '../workspace/lock.ts'
import { type Session, withSession } from '../workspace/session.ts'

type Options = Pick<PruneOptions, 'signal' | 'onEvent' | 'dryRun'>

/**
 * Brings back artifacts that a commit has and that are no longer there, as `prune` left them: pointers, ignore lines, and data from the cache. What is there
 * stays as it is, so that it can be repeated. What could not be done is in `failed`. Fails with `GIT`, and with `USAGE` without a name.
 */
export async function undoPrune(
  repo: Repo,
  rev: string,
  names: readonly string[],
  options: Options = {},
): Promise<PruneUndoResult> {
  if (names.length === 0)
    throw new ArtError('USAGE', 'nothing was named', { hint: "Name checkpoints, as in `'models/*_epoch_*.pth'`." })
  return await withLock(repo, () => withSession(repo, options, (session) => bringBack(session, rev, names, options)))
}

async function bringBack(
  session: Session,
  rev: string,
  names: readonly string[],
  { dryRun = false }: Options,
): Promise<PruneUndoResult> {
  const { repo } = session
  const result: PruneUndoResult = { restored: [], failed: [], gitPaths: [], staged: false }
  const there = await pointersAt(repo, rev)
  const wanted = new Map<string, string>()
  for (const name of names) {
    const isNamed = pathsNamed(repo, name)
    const some = there.filter(({ path }) => isNamed(path) || isNamed(dataPathFor(path)))
    for (const { path, text } of some) wanted.set(path, text)
    if (some.length > 0) continue
    const message = `${rev} has no artifact of this name`
    result.failed.push({ path: namedPath(repo, name), code: 'NOT_FOUND', message, hint: 'Name what was pruned.' })
  }
  const changed: string[] = []
  const ignores = new Map<string, string | undefined>()
  const pointed: string[] = []
  const lacking: string[] = []
  for (const [pointerPath, text] of wanted) {
    session.options.signal?.throwIfAborted()
    const path = dataPathFor(pointerPath)
    // One whose pointer is there may lack its data, where this was cut short.
    if (isThere(repo, pointerPath)) {
      if (!isThere(repo, path)) lacking.push(path)
      continue
    }
    try {
      await parsePointer(text, { path: pointerPath })
      await assertRoom(repo, path, text, path)
      if (!dryRun) {
        const file = ignoreFile(path)
        if (!ignores.has(file)) ignores.set(file, await textAt(repo, rev, file))
        changed.push(...putPointer(session, path, text, ignores.get(file)))
      }
      pointed.push(path)
    } catch (error) {
      result.failed.push(failureOf(error, path))
    }
  }
  if (dryRun || pointed.length + lacking.length === 0) return { ...result, restored: [...pointed, ...lacking] }
  const pointers = [...pointed, ...lacking].map((path) => join(repo.root, pointerPathFor(path)))
  const { failed } = await checkoutTargets(session, pointers, session.options)
  result.failed.push(...failed)
  const restored = [...pointed, ...lacking.filter((path) => isThere(repo, path))]
  return { ...result, restored, ...(await stageForUser(repo, changed)) }
}

function isThere({ root }: Repo, path: string): boolean {
  return lstatSync(join(root, path), { throwIfNoEntry: false }) !== undefined
}
