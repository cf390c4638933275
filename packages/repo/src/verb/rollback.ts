import { ArtError } from '@art/core'
import { type Assignment, assignmentsOf, type ModelLedger, stagesOf } from '@art/registry/tag/ledger.ts'
import { parseReference } from '@art/registry/tag/reference.ts'
import type { Repo } from '../open.ts'
import type { RollbackOptions, RollbackResult } from '../stage-api.ts'
import { begunMove, completeMove } from '../registry/begun-move.ts'
import { findRelease, holderOf, ledgerOf } from '../registry/find-release.ts'
import { moveStage } from '../registry/move-stage.ts'
import { changingStages } from '../registry/changing-stages.ts'
import { whereaboutsOf } from '../registry/whereabouts.ts'

/**
 * Gives a stage back to the version that held it before the one that has it: two tags, one that takes it from this one and one that gives it to that
 * one, so that a second rollback goes further back; behind one that was killed the next only completes it. Requirements are not asked again: that
 * version met them when it got the stage.
 *
 * Fails with `NOT_FOUND` where no version held it before that still stands, `USAGE`, `GIT`.
 */
export async function rollback(repo: Repo, name: string, options: RollbackOptions = {}): Promise<RollbackResult> {
  const { model, stage } = parseReference(name)
  if (stage === undefined) {
    throw new ArtError('USAGE', 'which stage?', { path: name, hint: `Run \`art rollback '${model}#<stage>'\`.` })
  }
  return await changingStages(repo, options, async (registry, begun) => {
    const ledger = ledgerOf(registry, model)
    const holder = holderOf(registry, ledger, stage)
    const stands = begunMove(ledger, stage, begun)
    if (stands?.kind === 'rolled-back' && holder.version !== undefined) {
      const { version } = holder
      const { release } = findRelease(registry, { model, version })
      const where = await whereaboutsOf(repo, registry, release!, options)
      const held = stagesOf(stands.before).get(stage)
      const from = held === undefined ? null : (held.version ?? held.commit)
      const outcome = await completeMove(repo, stands, options)
      return { name: model, stage, version, ...where, from, to: version, unchanged: true, ...outcome }
    }
    const before = previousOf(ledger, stage)
    if (before?.version === undefined) throw nothingBefore(ledger, stage, holder)
    const from = holder.version ?? holder.commit
    const { version } = before
    const { release } = findRelease(registry, { model, version })
    const where = await whereaboutsOf(repo, registry, release!, options)
    const subject = `Roll ${model} ${stage} back from ${from} to ${version}`
    const rolledBack = holder.version === undefined ? {} : { rolledBack: holder.version }
    const own = holder.version === undefined ? {} : { version: holder.version }
    const tags = [
      { undone: true, commit: holder.commit, subject, facts: { ...own, ...rolledBack } },
      { undone: false, commit: before.commit, subject, facts: { version, ...rolledBack } },
    ]
    const outcome = await moveStage(repo, registry, { ledger, stage, tags, subject, reason: options.reason }, options)
    return { name: model, stage, version, ...where, from, to: version, unchanged: false, ...outcome }
  })
}

/** Who held the stage before the one that has it, and still stands: the last one that another version was given it after. */
function previousOf(ledger: ModelLedger, stage: string): Assignment | undefined {
  return assignmentsOf(ledger)
    .get(stage)
    ?.slice(0, -1)
    .findLast(({ version }) => version !== undefined)
}

function nothingBefore({ model }: ModelLedger, stage: string, { version, commit }: Assignment): ArtError {
  return new ArtError('NOT_FOUND', `no version that still stands had ${stage} before ${version ?? commit}`, {
    path: `${model}#${stage}`,
    hint: `\`art history ${model}\` shows who had it; \`art stage ${model}@<version> ${stage}\` gives it to another, \`art unstage '${model}#${stage}'\` to nobody.`,
  })
}
