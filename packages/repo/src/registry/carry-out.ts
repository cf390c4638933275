import { moved, prepare } from '../git/publish.ts'
import { type PushTarget, pushPrepared, sentTo } from '../git/push.ts'
import { stand } from '../git/stand.ts'
import type { Repo } from '../open.ts'
import type { ReleaseOptions, ReleaseResult } from '../registry-api.ts'
import { releaseMessage } from './candidate.ts'
import { released, type ReleasePlan } from './release-result.ts'

/**
 * Makes the commit of a planned release with its tag; a remote takes both before anything here refers to them. Fails with `TAG_EXISTS` and `GIT`, and
 * says what stands where that is not nothing.
 */
export async function carryOut(
  repo: Repo,
  plan: ReleasePlan,
  target: PushTarget | undefined,
  options: Pick<ReleaseOptions, 'message' | 'signal'>,
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
  const left = await stand(repo, prepared, files, { remote: target?.remote, path: tag, what: 'the release stands' })
  return await released(repo, plan, {
    commit: prepared.commit ?? head,
    pushed: target === undefined ? null : sentTo(target, files.length > 0),
    left,
  })
}
