import { ArtError } from '@art/core'
import { assertName } from '@art/registry/tag/name.ts'
import { parseReference, type Reference } from '@art/registry/tag/reference.ts'
import { closest } from '../config/suggest.ts'
import { gitLine } from '../git/line.ts'
import type { Repo } from '../open.ts'
import type { StageOptions, StageResult } from '../stage-api.ts'
import { findRelease } from '../registry/find-release.ts'
import { giveStage } from '../registry/give-stage.ts'
import { changingStages } from '../registry/changing-stages.ts'
import type { Registry } from '../registry/open.ts'

/**
 * Gives a stage to a version by a tag `name#stage#N`, and commits the files that tell of it. `name` is a reference: a version, the holder of another
 * stage, or a model, whose highest version is meant; `name#stage` without `to` is the last with its stage in it.
 *
 * Fails with `RELEASE_REFUSED` where the version does not meet what the stage requires, with every reason; with `NOT_FOUND`, `USAGE`, `GIT`.
 */
export async function stage(
  repo: Repo,
  name: string,
  to: string | undefined,
  options: StageOptions = {},
): Promise<StageResult> {
  const reference = parseReference(name)
  const wanted = to ?? reference.stage
  if (wanted === undefined) throw noStage(name)
  assertName(wanted, 'stage')
  if (to !== undefined && reference.stage !== undefined && options.push === true)
    await refuseRemote(repo, reference, to)
  const meant = to === undefined ? { model: reference.model } : reference
  return await changingStages(repo, options, async (registry) => {
    const { ledger, release } = findRelease(registry, meant)
    if (release === undefined) throw noVersion(name)
    refuseSlip(repo, registry, wanted, options)
    return await giveStage(repo, registry, { ledger, release, stage: wanted }, options)
  })
}

/** A slip of the pen would go around what the stage that was meant requires. */
function refuseSlip(repo: Repo, { ledger }: Registry, wanted: string, { force = false, onEvent }: StageOptions): void {
  const guarded = repo.config.guardedStages()
  const used = [...ledger.values()].flatMap((one) =>
    one.events.flatMap(({ word }) => (word.kind === 'stage' ? [word.stage] : [])),
  )
  const known = new Set([...guarded, ...used])
  const near = known.has(wanted) ? undefined : closest(wanted, [...known])
  if (near === undefined) return
  if (force || !guarded.includes(near)) {
    onEvent?.({ type: 'warning', message: `${wanted} is a new stage; was ${near} meant?` })
    return
  }
  throw new ArtError('USAGE', `there is no stage ${wanted} yet, and ${near} has requirements`, {
    path: wanted,
    hint: `Did you mean ${near}? --force makes the new stage.`,
  })
}

/** `'resnet#production' --push upstream` would give another stage, one that is called as a remote is. */
async function refuseRemote(repo: Repo, { model, stage: has }: Reference, to: string): Promise<void> {
  const remotes = (await gitLine(repo, ['remote'])).split('\n')
  if (!remotes.includes(to)) return
  throw new ArtError('USAGE', `${to} is a git remote, and stands where the stage does`, {
    path: to,
    hint: `Run \`art stage ${model} ${has} --push ${to}\`.`,
  })
}

function noStage(name: string): ArtError {
  return new ArtError('USAGE', 'which stage?', { path: name, hint: `Run \`art stage ${name} <stage>\`.` })
}

function noVersion(name: string): ArtError {
  return new ArtError('NOT_FOUND', 'that stage is of a commit that has no version', {
    path: name,
    hint: 'Register a version there first, as with `gto register`.',
  })
}
