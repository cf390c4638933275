import { begunTags, forgetBegunTags } from '../git/begun-tags.ts'
import { catchUp } from '../git/unfinished.ts'
import type { Repo } from '../open.ts'
import { carryOut } from '../registry/carry-out.ts'
import { namedModel } from '../registry/named-model.ts'
import { openRegistry } from '../registry/open.ts'
import { planRelease } from '../registry/plan-release.ts'
import { wantedVersion } from '../registry/plan-version.ts'
import { released } from '../registry/release-result.ts'
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
      const begun = begunTags(repo)
      if (options.dryRun !== true) {
        await catchUp(repo)
        forgetBegunTags(repo)
      }
      const model = await namedModel(repo, registry, name)
      // Behind a release that was killed and stands, an equal one is not wanted by whoever repeats the command.
      const isRepeated = registry.ledger.get(model.name)?.events.some(({ tag }) => begun.includes(tag.name)) === true
      const asked = isRepeated ? { ...options, allowEqual: false } : options
      const { plan, target } = await planRelease(session, registry, model, wanted, asked)
      if (options.dryRun === true) return await released(repo, plan, { dryRun: true })
      return await carryOut(repo, plan, target, options)
    }),
  )
}
