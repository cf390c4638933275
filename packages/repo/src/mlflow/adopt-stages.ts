import { ArtError } from '@art/core'
import { aliasOf } from '@art/registry/mlflow/names.ts'
import { isModelName } from '@art/registry/tag/name.ts'
import { type ModelLedger, stagesOf } from '@art/registry/tag/ledger.ts'
import { tagText } from '@art/registry/tag/message.ts'
import type { Repo } from '../open.ts'
import type { MlflowPullOptions, MlflowPullResult } from '../mlflow-api.ts'
import { findRelease } from '../registry/find-release.ts'
import { giveStage } from '../registry/give-stage.ts'
import { openRegistry } from '../registry/open.ts'
import { failureOf } from '../target/find.ts'

/** Why a stage was given; a stage that was last given so follows its alias, and no other does. */
const REASON = "as MLflow's alias says"

/**
 * Gives every released version the stages of its aliases. What people did with a stage since is left: git decides, and a warning tells. What a stage
 * requires holds here too: a version that does not meet it is in `failed`.
 */
export async function adoptStages(
  repo: Repo,
  result: MlflowPullResult,
  { signal, onEvent, remote }: MlflowPullOptions,
): Promise<void> {
  for (const { model, version, aliases, release, state } of result.models) {
    if (release === undefined || state === 'ours') continue
    for (const stage of aliases.map(aliasOf)) {
      signal?.throwIfAborted()
      const name = `${model}@v${version}#${stage}`
      try {
        if (!isModelName(stage)) throw new ArtError('USAGE', 'no tag can carry this alias as a stage', { path: stage })
        const registry = await openRegistry(repo)
        const found = findRelease(registry, { model, version })
        if (found.release === undefined) continue
        const { ledger } = found
        const holder = stagesOf(ledger).get(stage)?.version
        if (holder === version) continue
        if (!follows(ledger, stage)) {
          const message = `${stage} is of ${holder ?? 'nobody'} here, and of ${version} in MLflow: \`art stage ${model}@v${version} ${stage}\` would move it`
          onEvent?.({ type: 'warning', message })
          continue
        }
        const options = { reason: REASON, ...(signal && { signal }), ...(remote !== undefined && { remote }) }
        const given = await giveStage(repo, registry, { ledger, release: found.release, stage }, options)
        for (const tag of given.tags) result.stages.push({ model, stage, version, tag })
      } catch (error) {
        signal?.throwIfAborted()
        result.failed.push(failureOf(error, name))
      }
    }
  }
}

function follows({ events }: ModelLedger, stage: string): boolean {
  const last = events.findLast(({ word }) => word.kind === 'stage' && word.stage === stage)
  return last === undefined || tagText(last.tag.message) === REASON
}
