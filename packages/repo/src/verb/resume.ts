import { ArtError } from '@art/core'
import { versionReference } from '@art/registry/tag/reference.ts'
import { isArchived } from '../cleaning/archived.ts'
import { releaseModel } from '../model/find.ts'
import type { Look } from '../model/look.ts'
import { type Candidate, newestFirst } from '../model/newest.ts'
import { defined } from '../model/plain.ts'
import { candidatesAmong, hasOptimizer, lookOf } from '../model/resume-point.ts'
import { shownOf } from '../model/shown.ts'
import type { Repo } from '../open.ts'
import { type Artifact, findPointers } from '../target/find.ts'
import { typedPath } from '../target/path.ts'
import { resolveTargets } from '../target/resolve.ts'
import type { Failure } from '../api.ts'
import type { LookOptions, ResumeResult } from '../view-api.ts'
import { checkoutTargets } from '../workspace/checkout-targets.ts'
import { withoutArchived } from '../workspace/out-of-the-way.ts'
import { withLock } from '../workspace/lock.ts'
import { type Session, withSession } from '../workspace/session.ts'

/**
 * Finds the newest checkpoint with optimizer state among the artifacts that a name stands for, and brings it to the workspace. Fails with
 * `NOT_TRACKED` where nothing matches, `NOT_FOUND` where none has optimizer state, `NOT_CACHED` where the one to use is not here and there is no remote.
 */
export async function resume(repo: Repo, name: string, options: Omit<LookOptions, 'cwd'> = {}): Promise<ResumeResult> {
  return await withLock(repo, () =>
    withSession(repo, options, async (session) => {
      const candidates = await candidatesNamed(session, name)
      const passed: string[] = []
      for (const candidate of candidates) {
        options.signal?.throwIfAborted()
        const look = await lookOf(session, candidate.model, options)
        if (hasOptimizer(session, candidate, look) ?? absent(session, candidate))
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

async function candidatesNamed(session: Session, name: string): Promise<Candidate[]> {
  const { repo } = session
  const released = versionReference(name) === undefined ? [] : await ofRelease(session, name)
  return released.length > 0
    ? released
    : await newestFirst(repo, await candidatesAmong(session, await artifactsNamed(repo, name)))
}

/** Whatever the workspace has now, it is brought as a checkout of the release would. */
async function ofRelease(session: Session, name: string): Promise<Candidate[]> {
  const { targets, failed } = await resolveTargets(session.repo, [name], { releases: true })
  const [failure] = failed
  if (failure?.code === 'NOT_FOUND')
    throw new ArtError(failure.code, failure.message, { path: name, hint: failure.hint })
  return targets.flatMap(({ artifact, release }) =>
    release === undefined
      ? []
      : [
          {
            artifact,
            model: releaseModel(session, release),
            modified: false,
            epoch: undefined,
            step: undefined,
            release: name,
          },
        ],
  )
}

/** What a name stands for anywhere else; where that is nothing, every artifact whose file name begins with it. */
async function artifactsNamed(repo: Repo, name: string): Promise<Artifact[]> {
  const { targets: named, failed } = await resolveTargets(repo, [name])
  const targets = withoutArchived(repo, [name], named)
  if (targets.length > 0) return targets.filter(({ inside }) => inside === undefined).map(({ artifact }) => artifact)
  const [failure] = failed
  const { artifacts } = failure?.code === 'NOT_TRACKED' ? await findPointers(repo) : { artifacts: [] }
  const matching = artifacts.filter(
    ({ path, pointerText }) =>
      !isArchived({ pointerText }) &&
      (typedPath(repo, path).startsWith(name) || path.slice(path.lastIndexOf('/') + 1).startsWith(name)),
  )
  if (matching.length > 0 || failure === undefined) return matching
  throw new ArtError(failure.code, failure.message, { path: name, hint: failure.hint })
}

async function bring(
  session: Session,
  { artifact, modified, release }: Candidate,
  look: Look,
  { remote, ...counts }: Pick<ResumeResult, 'considered' | 'passed'> & Pick<LookOptions, 'remote'>,
): Promise<ResumeResult> {
  const { path, pointer } = artifact
  const { epoch, step, resumeEpoch, optimizer, metrics, given } = shownOf(look)
  const names = Object.keys(given?.metrics ?? {})
  return {
    path,
    ...(modified ? {} : { oid: pointer.oid }),
    state: modified ? 'modified' : await checkedOut(session, artifact, { remote, release }),
    epoch: epoch ?? null,
    startEpoch: resumeEpoch ?? (epoch === undefined ? null : Math.floor(epoch) + 1),
    metrics,
    ...(names.length === 0 ? {} : { given: names }),
    ...defined({ step, optimizer }),
    ...counts,
  }
}

async function checkedOut(
  session: Session,
  artifact: Artifact,
  { remote, release }: { remote: string | undefined; release: string | undefined },
): Promise<'ok' | 'checked-out' | 'fetched'> {
  const { path, absolutePath } = artifact
  const names = [release ?? absolutePath]
  let { added, modified, failed } = await checkoutTargets(session, names, session.options)
  const isAbsent = failed[0]?.code === 'NOT_CACHED'
  if (isAbsent) {
    if (remote === undefined && session.repo.config.defaultRemote() === undefined) throw notCached(session, path)
    await fetchOne(session, release ?? typedPath(session.repo, path), remote)
    ;({ added, modified, failed } = await checkoutTargets(session, names, session.options))
  }
  throwFirst(failed)
  return isAbsent ? 'fetched' : added.length + modified.length > 0 ? 'checked-out' : 'ok'
}

async function fetchOne(session: Session, name: string, remote: string | undefined): Promise<void> {
  const [{ fetchWanted }, { wantedTargets }] = [
    await import('../exchange/transfer.ts'),
    await import('../exchange/wanted.ts'),
  ]
  const options = { ...session.options, ...defined({ remote }) }
  const wanted = await wantedTargets(session.repo, [name], options)
  throwFirst((await fetchWanted(session, wanted, options)).failed)
}

function throwFirst([failure]: readonly Failure[]): void {
  if (failure === undefined) return
  throw new ArtError(failure.code, failure.message, { path: failure.path, hint: failure.hint })
}

function absent(session: Session, { artifact }: Candidate): never {
  throw notCached(session, artifact.path)
}

function notCached({ repo }: Session, path: string): ArtError {
  const isAlone = repo.config.defaultRemote() === undefined
  const why = isAlone ? 'there is no remote to bring it from' : 'the remote tells nothing of it'
  const message = `the newest checkpoint is not on this machine, and ${why}`
  const what = typedPath(repo, path)
  const hint = isAlone
    ? `Run \`art add ${what}\` where the data is, or name a remote with \`art remote add -d <name> <url>\`.`
    : `\`art remote check\` tells whether it can be reached; \`art push ${what}\` where the data is brings it there.`
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
