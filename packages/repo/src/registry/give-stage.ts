import { ArtError } from '@art/core'
import { deprecationOf, type ModelLedger, type Release, stagesOf } from '@art/registry/tag/ledger.ts'
import type { Repo } from '../open.ts'
import type { JudgedRequirement, StageOptions, StageResult } from '../stage-api.ts'
import { withSession } from '../workspace/session.ts'
import { findRelease } from './find-release.ts'
import { moveStage } from './move-stage.ts'
import type { Registry } from './open.ts'
import { recordOf, whereaboutsOf } from './whereabouts.ts'

/**
 * Gives a stage to a version, whatever it is called. Fails with `RELEASE_REFUSED` where the version does not meet what the stage requires, with
 * `USAGE` for one that is archived, and as `moveStage`.
 */
export async function giveStage(
  repo: Repo,
  registry: Registry,
  { ledger, release, stage: wanted }: { ledger: ModelLedger; release: Release; stage: string },
  options: StageOptions,
): Promise<StageResult> {
  refuseArchived(registry, release)
  const { model, version } = release
  const holder = stagesOf(ledger).get(wanted)
  const from = holder === undefined ? null : (holder.version ?? holder.commit)
  const result = { name: model, stage: wanted, version, ...(await whereaboutsOf(repo, registry, release, options)) }
  if (from === version && options.force !== true) {
    const nothing = { tags: [], files: [], filesCommit: null, left: [], pushed: null, next: null, requirements: [] }
    return { ...result, from, to: version, unchanged: true, ...nothing, dryRun: options.dryRun ?? false }
  }
  const requirements = await judged(repo, registry, { release, stage: wanted, ledger }, options)
  const forced = forcedBy({ model, version, stage: wanted }, requirements, options)
  if (deprecationOf(ledger) !== undefined) {
    const message = `${model} was deprecated by a tag; a new tag of it means that it is used again`
    options.onEvent?.({ type: 'warning', message })
  }
  const subject = `Stage ${model} ${version} as ${wanted}`
  const facts = { version, ...(forced !== undefined && { forced }) }
  const change = {
    ledger,
    stage: wanted,
    tags: [{ undone: false, commit: release.commit, subject, facts }],
    subject,
    reason: options.reason,
  }
  const outcome = await moveStage(repo, registry, change, options)
  return {
    ...result,
    from,
    to: version,
    unchanged: false,
    ...outcome,
    requirements,
    ...(forced !== undefined && { forced }),
  }
}

async function judged(
  repo: Repo,
  registry: Registry,
  { release, stage: wanted, ledger }: { release: Release; stage: string; ledger: ModelLedger },
  options: StageOptions,
): Promise<JudgedRequirement[]> {
  const requires = repo.config.stageRequires(wanted)
  if (requires.length === 0) return []
  const record = await recordOf(repo, registry, release, options)
  if (record === undefined) {
    throw new ArtError('NOT_FOUND', `neither the tag of ${release.version} nor its commit says what data it is of`, {
      path: release.tag.name,
      hint: `Say in models.yaml where ${release.model} lies; what ${wanted} requires cannot be judged otherwise.`,
    })
  }
  const holder = stagesOf(ledger).get(wanted)
  const current = holder === undefined ? undefined : await currentOf(repo, registry, holder, options)
  const { judgeRequirements } = await import('../registry/requirements.ts')
  const { remote } = options
  return await withSession(repo, options, (session) =>
    judgeRequirements(session, requires, { record, stage: wanted, current }, { ...options, ...(remote && { remote }) }),
  )
}

async function currentOf(
  repo: Repo,
  registry: Registry,
  { version, commit, model }: { version: string | undefined; commit: string; model: string },
  options: StageOptions,
) {
  if (version === undefined) return { version: commit.slice(0, 12), record: undefined }
  const { release } = findRelease(registry, { model, version })
  return { version, record: release && (await recordOf(repo, registry, release, options)) }
}

/** Why the stage is given all the same; undefined where all is met. Fails with `RELEASE_REFUSED`, and with `USAGE` where no reason is given. */
function forcedBy(
  { model, version, stage: wanted }: { model: string; version: string; stage: string },
  requirements: readonly JudgedRequirement[],
  { force = false, reason }: StageOptions,
): string | undefined {
  const unmet = requirements.filter(({ met }) => !met)
  if (unmet.length === 0) return undefined
  if (!force) {
    throw new ArtError('RELEASE_REFUSED', `${model} ${version} does not meet what ${wanted} requires`, {
      path: `${model}@v${version}`,
      hint: 'Whoever answers for it passes over that with --force --reason "<why>", which the tag records.',
      details: unmet.map(({ requirement, actual }) => ({ path: requirement, message: `${requirement}: ${actual}` })),
    })
  }
  const why = reason?.trim().replaceAll(/\s+/g, ' ')
  if (why) return why
  throw new ArtError('USAGE', '--force passes over requirements, so it must say why', {
    path: '--reason',
    hint: `Add --reason "<why>"; not met: ${unmet.map(({ requirement }) => requirement).join(', ')}.`,
  })
}

function refuseArchived({ models }: Registry, { model, version }: Release): void {
  if (models.get(model)?.archived?.includes(version) !== true) return
  throw new ArtError('USAGE', `${model} ${version} is archived`, {
    path: `${model}@v${version}`,
    hint: `Run \`art unarchive ${model}@v${version}\` first, or name another version.`,
  })
}
