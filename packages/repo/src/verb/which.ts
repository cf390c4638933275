import { ArtError } from '@art/core'
import { deprecationOf } from '@art/registry/tag/ledger.ts'
import { parseReference } from '@art/registry/tag/reference.ts'
import { formatMoment, parseMoment } from '@art/registry/time/moment.ts'
import type { Repo } from '../open.ts'
import type { WhichOptions, WhichResult } from '../stage-api.ts'
import { findRelease } from '../registry/find-release.ts'
import { warnOfMissingTags } from '../registry/known-tags.ts'
import { openRegistry } from '../registry/open.ts'
import { whereaboutsOf } from '../registry/whereabouts.ts'

/**
 * Which version a name stands for: `resnet` for the highest, `resnet#production` for the one that holds the stage, now or at a time. From git's tags
 * alone, so it works offline. Fails with `USAGE` and `NOT_FOUND`.
 */
export async function which(repo: Repo, name: string, options: WhichOptions = {}): Promise<WhichResult> {
  const reference = parseReference(name)
  const at = options.at === undefined ? undefined : parseMoment(options.at)
  const registry = await openRegistry(repo)
  await warnOfMissingTags(repo, registry, options, [reference.model])
  const { ledger, release, assignment } = findRelease(registry, reference, at)
  options.signal?.throwIfAborted()
  const tag = assignment?.tag ?? release?.tag
  if (tag === undefined) throw new ArtError('INTERNAL', 'a reference led to nothing', { path: name })
  const where =
    release === undefined
      ? { commit: tag.commit, oid: null, path: registry.models.get(ledger.model)?.path ?? null }
      : await whereaboutsOf(repo, registry, release, options)
  const deprecated = deprecationOf(ledger, at) !== undefined
  return {
    name: ledger.model,
    version: release?.version ?? null,
    ...where,
    ...(reference.stage !== undefined && { stage: reference.stage }),
    tag: release?.tag.name ?? tag.name,
    since: formatMoment(tag.date),
    by: tag.author,
    // A day that is not over ends now.
    ...(at !== undefined && { at: formatMoment(Math.min(at, Date.now())) }),
    ...(deprecated && { deprecated }),
  }
}
