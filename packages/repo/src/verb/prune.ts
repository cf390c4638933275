import { rmSync } from 'node:fs'
import { ArtError } from '@art/core'
import { type Hold, select } from '@art/registry/prune/select.ts'
import { type PruneCandidate, pruneCandidates } from '../cleaning/prune-candidates.ts'
import { prunedBytes } from '../cleaning/prune-bytes.ts'
import { ignoreFile } from '../cleaning/relocate.ts'
import { lyingThere } from '../cleaning/workspace-hold.ts'
import { pointersAt, resolveRev } from '../git/history.ts'
import { refsNaming } from '../git/refs-naming.ts'
import { stageForUser } from '../git/staging.ts'
import { removeIgnored } from '../ignore/gitignore.ts'
import type { Repo } from '../open.ts'
import type { KeptArtifact, PrunedArtifact, PruneOptions, PruneResult } from '../cleaning-api.ts'
import { textAt } from '../registry/open.ts'
import { type Artifact, failureOf, findPointers, pointerTextAt } from '../target/find.ts'
import { assertInside } from '../target/path.ts'
import { resolveTargets } from '../target/resolve.ts'
import { deleteData } from '../workspace/delete-data.ts'
import { withLock } from '../workspace/lock.ts'
import { type Session, withSession } from '../workspace/session.ts'
import { forget } from '../workspace/stale.ts'

/**
 * Deletes checkpoints by a rule: data in the workspace, pointers and ignore lines. What is released, has a stage, is where training goes on, changed since its
 * pointer was written, is not committed or is shared stays, and is named with the reason. The cache keeps every byte until `gc`, so `undo` brings it all back.
 * Fails with `USAGE` for a rule that keeps nothing, with `GIT` without git.
 */
export async function prune(repo: Repo, names: readonly string[], options: PruneOptions = {}): Promise<PruneResult> {
  checkRule(names, options)
  return await withLock(repo, () => withSession(repo, options, (session) => pruneAll(session, names, options)))
}

function checkRule(names: readonly string[], { keepBest = 0, keepLast = 0 }: PruneOptions): void {
  if (names.length === 0)
    throw new ArtError('USAGE', 'nothing was named', { hint: "Name checkpoints, as in `'models/*_epoch_*.pth'`." })
  for (const [flag, count] of [
    ['--keep-best', keepBest],
    ['--keep-last', keepLast],
  ] as const)
    if (!Number.isSafeInteger(count) || count < 0)
      throw new ArtError('USAGE', `${flag} takes a whole number`, { hint: `Write it like \`${flag} 3\`.` })
  if (keepBest + keepLast === 0)
    throw new ArtError('USAGE', 'the rule would keep nothing', {
      hint: 'Say --keep-best or --keep-last with a number.',
    })
}

async function pruneAll(session: Session, names: readonly string[], options: PruneOptions): Promise<PruneResult> {
  const { repo } = session
  const { targets, failed } = await resolveTargets(repo, names)
  const whole = targets.flatMap(({ artifact, inside }) => (inside === undefined ? [artifact] : []))
  for (const { artifact, inside } of targets) if (inside !== undefined) failed.push(partOf(artifact, inside))
  const paths = new Set(whole.map(({ path }) => path))
  const others = (await findPointers(repo)).artifacts.filter(({ path }) => !paths.has(path))
  const { candidates, order } = await pruneCandidates(session, whole, others, options)
  const { keepBest = 0, keepLast = 0 } = options
  const { gone, kept } = select(candidates, { keepBest, keepLast, direction: order.direction })
  const staying = [...others, ...kept.map(({ candidate }) => candidate.artifact)]
  const going = gone.map(({ artifact }) => artifact)
  const result: PruneResult = {
    pruned: [],
    kept: kept.map(({ candidate, reasons }) => keptOf(candidate, reasons)),
    ...order,
    ...(await prunedBytes(session, going, staying, options)),
    heldBy: await heldBy(repo, going),
    undo: going.length === 0 ? null : await undoOf(repo, going),
    failed,
    gitPaths: [],
    staged: false,
  }
  const changed: string[] = []
  for (const candidate of gone) {
    options.signal?.throwIfAborted()
    try {
      if (options.dryRun !== true) await deleteOne(session, candidate, changed)
      result.pruned.push(prunedOf(candidate))
    } catch (error) {
      failed.push(failureOf(error, candidate.path))
    }
  }
  session.files.save()
  return { ...result, ...(await stageForUser(repo, changed)) }
}

/** Data first and the pointer last, so that a run that was cut short can be repeated. */
async function deleteOne(session: Session, { artifact, path }: PruneCandidate, changed: string[]): Promise<void> {
  const { repo } = session
  assertInside(repo, path)
  // Training may have gone on since it was compared.
  const lying = await lyingThere(session, artifact)
  if (
    lying === 'modified' ||
    lying === 'uncached' ||
    pointerTextAt(repo, artifact.pointerPath) !== artifact.pointerText
  )
    throw new ArtError('WOULD_OVERWRITE', 'it changed meanwhile, and stays', {
      path,
      hint: 'Run the command again.',
      retryable: true,
    })
  if (lying === 'kept') await deleteData(repo, artifact)
  forget(session, path)
  session.files.save()
  removeIgnored(repo, path)
  rmSync(artifact.absolutePointer)
  changed.push(ignoreFile(path), artifact.pointerPath)
}

async function heldBy(repo: Repo, gone: readonly Artifact[]): Promise<PruneResult['heldBy']> {
  const paths = new Set(gone.map(({ pointerPath }) => pointerPath))
  const files = (await pointersAt(repo, 'HEAD')).filter(({ path }) => paths.has(path))
  const refs = await refsNaming(repo, files)
  return [...refs].map(([ref, some]) => ({ ref, artifacts: some.length }))
}

/** An ignore file comes along where nobody has edited it since the commit. */
async function undoOf(repo: Repo, gone: readonly Artifact[]): Promise<NonNullable<PruneResult['undo']>> {
  const commit = await resolveRev(repo, 'HEAD')
  const ignores: string[] = []
  for (const file of new Set(gone.map(({ path }) => ignoreFile(path))))
    if ((await textAt(repo, commit, file)) === pointerTextAt(repo, file)) ignores.push(file)
  return {
    commit,
    files: [...gone.map(({ pointerPath }) => pointerPath), ...ignores],
    artifacts: gone.map(({ path }) => path),
  }
}

function prunedOf({ artifact, epoch, figure, lying }: PruneCandidate): PrunedArtifact {
  const { path, pointerPath, pointer } = artifact
  return {
    path,
    pointer: pointerPath,
    oid: pointer.oid,
    size: pointer.size,
    epoch: epoch ?? null,
    value: figure ?? null,
    dataDeleted: lying === 'kept',
  }
}

function keptOf({ artifact, epoch, figure }: PruneCandidate, reasons: readonly Hold[]): KeptArtifact {
  const { path, pointer } = artifact
  return { path, size: pointer.size, epoch: epoch ?? null, value: figure ?? null, reasons: [...reasons] }
}

function partOf({ path }: Artifact, inside: string): PruneResult['failed'][number] {
  const message = `it is part of the tracked directory ${path}`
  return { path: `${path}/${inside}`, code: 'USAGE', message, hint: 'Name whole artifacts.' }
}
