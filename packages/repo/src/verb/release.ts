import { ArtError, isArtError } from '@art/core'
import { followCommit } from '../git/follow.ts'
import { establish, moved, prepare, type Prepared } from '../git/publish.ts'
import { type PushTarget, pushPrepared } from '../git/push.ts'
import { catchUp } from '../git/unfinished.ts'
import type { Repo } from '../open.ts'
import { releaseMessage } from '../registry/candidate.ts'
import { namedModel } from '../registry/named-model.ts'
import { openRegistry } from '../registry/open.ts'
import { planRelease } from '../registry/plan-release.ts'
import { wantedVersion } from '../registry/plan-version.ts'
import { released, type ReleasePlan } from '../registry/release-result.ts'
import type { ReleaseOptions, ReleaseResult } from '../registry-api.ts'
import { withLock } from '../workspace/lock.ts'
import { withSession } from '../workspace/session.ts'

/**
 * Makes a version of a model: an annotated tag on a commit of the files that tell of it, both or neither. What is against it is told all at once:
 * fails with `RELEASE_REFUSED` and details. With `push` the remote takes branch and tag before anything here refers to them, so that a push which is
 * refused leaves nothing. Fails with `TAG_EXISTS`, with `NOT_FOUND` and `USAGE` for names and versions, and with `GIT`.
 */
export async function release(repo: Repo, name: string, options: ReleaseOptions = {}): Promise<ReleaseResult> {
  const wanted = { version: wantedVersion(options), bump: options.bump }
  return await withLock(repo, () =>
    withSession(repo, options, async (session) => {
      const registry = await openRegistry(repo)
      if (options.dryRun !== true) await catchUp(repo)
      const model = await namedModel(repo, registry, name)
      const { plan, target } = await planRelease(session, registry, model, wanted, options)
      if (options.dryRun === true) return await released(repo, plan, { dryRun: true })
      return await carriedOut(repo, plan, target, options)
    }),
  )
}

async function carriedOut(
  repo: Repo,
  plan: ReleasePlan,
  target: PushTarget | undefined,
  options: ReleaseOptions,
): Promise<ReleaseResult> {
  const { model, version, tag, files, head, pointer, tagger } = plan
  const subject = `Release ${model.name} ${version}`
  const text = options.message?.trim()
  const tagged = { model: model.name, version, name: tag, commit: head, path: model.path, pointer, tagger, text }
  const prepared = await prepare(repo, {
    files,
    message: text ? `${subject}\n\n${text}` : subject,
    tags: [{ name: tag, message: releaseMessage(tagged) }],
    date: `${tagger.seconds} ${tagger.zone}`,
  })
  if (prepared.before !== head) throw moved('HEAD')
  options.signal?.throwIfAborted()
  if (target !== undefined) await pushPrepared(repo, prepared, target, options.signal)
  const left = await standing(repo, prepared, plan, target)
  const sent = target && {
    remote: target.remote,
    ...(files.length > 0 && { branch: target.branch!.replace(/^refs\/heads\//, '') }),
  }
  return await released(repo, plan, { commit: prepared.commit ?? head, pushed: sent ?? null, left })
}

/** From here on a failure says what stands. */
async function standing(
  repo: Repo,
  prepared: Prepared,
  { tag, files }: ReleasePlan,
  target: PushTarget | undefined,
): Promise<string[]> {
  try {
    await establish(repo, prepared)
  } catch (cause) {
    if (target === undefined || !isArtError(cause)) throw cause
    throw new ArtError(cause.code, `the release stands on ${target.remote}, but not here: ${cause.message}`, {
      path: tag,
      hint: `Run \`git pull --tags ${target.remote}\` to have it here too.`,
      cause,
    })
  }
  return await followCommit(repo, files, { base: prepared.before, stands: 'the release stands', path: tag })
}
