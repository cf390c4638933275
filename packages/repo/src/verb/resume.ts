import { lstatSync } from 'node:fs'
import { ArtError, isArtError } from '@art/core'
import { findModel, type Model } from '../model/find.ts'
import { type Look, lookAt } from '../model/look.ts'
import { membersOf } from '../model/members.ts'
import { type Candidate, newestFirst } from '../model/newest.ts'
import { defined } from '../model/plain.ts'
import { checkpointOf } from '../model/read-block.ts'
import { modelSettings } from '../model/settings.ts'
import { shownOf } from '../model/shown.ts'
import type { Repo } from '../open.ts'
import { type Artifact, findPointers } from '../target/find.ts'
import { typedPath } from '../target/path.ts'
import { resolveTargets } from '../target/resolve.ts'
import type { Failure } from '../api.ts'
import type { LookOptions, ResumeResult } from '../view-api.ts'
import { checkoutTargets } from '../workspace/checkout-targets.ts'
import { withLock } from '../workspace/lock.ts'
import { type Session, withSession } from '../workspace/session.ts'

/**
 * Finds the newest checkpoint with optimizer state among the artifacts that a name stands for, and brings it to the workspace. Fails with
 * `NOT_TRACKED` where nothing matches, `NOT_FOUND` where none has optimizer state, `NOT_CACHED` where the one to use is not here and there is no remote.
 */
export async function resume(repo: Repo, name: string, options: Omit<LookOptions, 'cwd'> = {}): Promise<ResumeResult> {
  return await withLock(repo, () =>
    withSession(repo, options, async (session) => {
      const artifacts = await artifactsNamed(repo, name)
      const candidates = await newestFirst(repo, await candidatesAmong(session, artifacts))
      const passed: string[] = []
      for (const candidate of candidates) {
        options.signal?.throwIfAborted()
        const look = await lookOf(session, candidate.model, options)
        if (await hasOptimizer(session, candidate, look))
          return await bring(session, candidate, look, {
            considered: candidates.length,
            passed,
            ...defined({ remote: options.remote }),
          })
        passed.push(candidate.artifact.path)
      }
      throw none(name, candidates.length)
    }),
  )
}

/** What a name stands for anywhere else; where that is nothing, every artifact whose file name begins with it. */
async function artifactsNamed(repo: Repo, name: string): Promise<Artifact[]> {
  const { targets, failed } = await resolveTargets(repo, [name])
  if (targets.length > 0) return targets.filter(({ inside }) => inside === undefined).map(({ artifact }) => artifact)
  const [failure] = failed
  const { artifacts } = failure?.code === 'NOT_TRACKED' ? await findPointers(repo) : { artifacts: [] }
  const matching = artifacts.filter(
    ({ path }) => typedPath(repo, path).startsWith(name) || path.slice(path.lastIndexOf('/') + 1).startsWith(name),
  )
  if (matching.length > 0 || failure === undefined) return matching
  throw new ArtError(failure.code, failure.message, { path: name, hint: failure.hint })
}

async function candidatesAmong(session: Session, artifacts: readonly Artifact[]): Promise<Candidate[]> {
  const candidates: Candidate[] = []
  for (const artifact of artifacts) {
    const { pointer, absolutePath } = artifact
    const model = { ...(await findModel(session, session.repo.root, absolutePath)), name: artifact.path }
    const modified = model.pointer === undefined && lstatSync(absolutePath, { throwIfNoEntry: false }) !== undefined
    if (modified) {
      const look = await lookOf(session, model, {}).catch(ignoreNoModel)
      if (look === undefined) continue
      const { epoch, step } = shownOf(look)
      candidates.push({ artifact, model, modified, epoch, step })
    } else if (pointer.checkpoint !== undefined) {
      const { epoch, step } = checkpointOf(pointer.checkpoint)
      candidates.push({ artifact, model, modified, epoch, step })
    }
  }
  return candidates
}

/** Training may have been stopped while it wrote one. */
function ignoreNoModel(error: unknown): undefined {
  if (isArtError(error, 'UNSUPPORTED') || isArtError(error, 'CORRUPT')) return undefined
  throw error
}

async function lookOf(
  session: Session,
  model: Model,
  { signal, onEvent, remote }: Omit<LookOptions, 'cwd'>,
): Promise<Look> {
  return await lookAt(model, {
    session,
    settings: modelSettings(session.repo.config),
    pool: (bytes) => session.pool({ files: 1, bytes }),
    signal,
    onEvent,
    remote,
  })
}

/** Trainers that write a folder leave the optimizer in a file beside the model. */
const BESIDE = /^optim[^/]*\.(?:pt|pth|bin|safetensors)$/

/** Fails with `NOT_CACHED` where only the content could tell. */
async function hasOptimizer(session: Session, { artifact, modified }: Candidate, { table }: Look): Promise<boolean> {
  if (table !== undefined && table.facts.optimizers.length > 0) return true
  const { pointer, path } = artifact
  if (pointer.kind === 'd' && !modified)
    return [...membersOf(session, pointer, path)].some((member) => BESIDE.test(member.path))
  if (table === undefined) throw notCached(session, path)
  return false
}

async function bring(
  session: Session,
  { artifact, modified }: Candidate,
  look: Look,
  { remote, ...counts }: Pick<ResumeResult, 'considered' | 'passed'> & Pick<LookOptions, 'remote'>,
): Promise<ResumeResult> {
  const { path, pointer } = artifact
  const { epoch, step, resumeEpoch, optimizer, metrics } = shownOf(look)
  return {
    path,
    ...(modified ? {} : { oid: pointer.oid }),
    state: modified ? 'modified' : await checkedOut(session, artifact, remote),
    epoch: epoch ?? null,
    startEpoch: resumeEpoch ?? (epoch === undefined ? null : Math.floor(epoch) + 1),
    metrics,
    ...defined({ step, optimizer }),
    ...counts,
  }
}

async function checkedOut(
  session: Session,
  artifact: Artifact,
  remote: string | undefined,
): Promise<'ok' | 'checked-out' | 'fetched'> {
  const { path, absolutePath } = artifact
  let { added, modified, failed } = await checkoutTargets(session, [absolutePath], session.options)
  const isAbsent = failed[0]?.code === 'NOT_CACHED'
  if (isAbsent) {
    if (remote === undefined && session.repo.config.defaultRemote() === undefined) throw notCached(session, path)
    await fetchOne(session, artifact, remote)
    ;({ added, modified, failed } = await checkoutTargets(session, [absolutePath], session.options))
  }
  throwFirst(failed)
  return isAbsent ? 'fetched' : added.length + modified.length > 0 ? 'checked-out' : 'ok'
}

async function fetchOne(session: Session, { path }: Artifact, remote: string | undefined): Promise<void> {
  const [{ fetchWanted }, { wantedTargets }] = [
    await import('../exchange/transfer.ts'),
    await import('../exchange/wanted.ts'),
  ]
  const options = { ...session.options, ...defined({ remote }) }
  const wanted = await wantedTargets(session.repo, [typedPath(session.repo, path)], options)
  throwFirst((await fetchWanted(session, wanted, options)).failed)
}

function throwFirst([failure]: readonly Failure[]): void {
  if (failure === undefined) return
  throw new ArtError(failure.code, failure.message, { path: failure.path, hint: failure.hint })
}

function notCached({ repo }: Session, path: string): ArtError {
  const message = 'the newest checkpoint is not on this machine, and there is no remote to bring it from'
  const hint = `Run \`art add ${typedPath(repo, path)}\` where the data is, or name a remote with \`art remote add -d <name> <url>\`.`
  return new ArtError('NOT_CACHED', message, { path, hint })
}

function none(name: string, count: number): ArtError {
  const what = count === 0 ? 'no checkpoint matches' : `none of the ${count} checkpoints that match has optimizer state`
  return new ArtError('NOT_FOUND', what, {
    path: name,
    hint:
      count === 0
        ? '`art compare` lists checkpoints; `art add --refresh` reads those that were added before.'
        : "Save `optimizer.state_dict()` beside the model's, so that training can go on.",
  })
}
