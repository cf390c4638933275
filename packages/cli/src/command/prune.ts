import { prune } from '@art/repo/verb/prune.ts'
import { undoPrune } from '@art/repo/verb/prune-undo.ts'
import { renderPrune, renderPruneUndo } from '../render/prune.ts'
import { UsageError } from '../usage-error.ts'
import { remoteFlag } from './remote-flag.ts'
import { callOptions, failedFromHere, fromHere, given, openHere, pathsFromHere } from './repository.ts'
import { type Context, defineCommand, type Outcome } from './spec.ts'

export const command = defineCommand({
  operands: [{ name: 'target', describe: 'globs, folders or checkpoints', many: true, complete: 'artifact' }],
  flags: {
    'keep-best': { type: 'number', value: 'n', describe: 'of each training, keep the n best' },
    by: { type: 'string', value: 'metric', describe: 'the best by it; val_acc by default, else what most have' },
    'keep-last': { type: 'number', value: 'n', describe: 'keep the n newest' },
    highest: { type: 'boolean', describe: 'the highest is the best, whatever the name of the metric says' },
    lowest: { type: 'boolean', describe: 'the lowest is the best' },
    together: { type: 'boolean', describe: 'rank all that match together, whatever their names say' },
    remote: remoteFlag('ask this remote what it would free, instead of the default one'),
    cloud: { type: 'boolean', negated: true, describe: 'ask no remote' },
    undo: {
      type: 'string',
      value: 'commit',
      describe: 'bring back what this commit has of the targets and is no longer there',
    },
    'dry-run': { type: 'boolean', alias: 'n', describe: 'only list what would be deleted, or come back' },
  },
  details:
    'Deletes data in the workspace, pointers and ignore lines. What is released, has a stage, is where training goes on from, changed, is not committed, or is ' +
    'the content of another pointer stays. The cache keeps every byte: the line that brings all back is printed.',
  examples: [
    ["art prune 'runs/*.ckpt' --keep-last 5 -n", 'look first'],
    ['art prune models --keep-best 3 --by val_acc', ''],
  ],
  async run(context, { flags, operands }) {
    if (flags.undo !== undefined) {
      const rule = (['keep-best', 'keep-last', 'by', 'highest', 'lowest', 'together'] as const).find(
        (name) => flags[name],
      )
      if (rule !== undefined) throw new UsageError(`--${rule} and --undo exclude each other`, 'Leave one out.')
      return await runUndo(context, flags.undo, operands, flags['dry-run'] === true)
    }
    const { by, highest, lowest, together, remote, cloud } = flags
    if (highest && lowest) throw new UsageError('--highest and --lowest exclude each other', 'Leave one out.')
    const direction = highest ? ('highest' as const) : lowest ? ('lowest' as const) : undefined
    const repo = await openHere(context)
    const [keepBest, keepLast, dryRun] = [flags['keep-best'], flags['keep-last'], flags['dry-run']]
    const found = await prune(repo, operands, {
      ...callOptions(context),
      ...given({ keepBest, keepLast, by, direction, together, remote, cloud, dryRun }),
    })
    const { pruned, kept, gitPaths, undo } = found
    const result = {
      ...failedFromHere(repo, found),
      pruned: pruned.map(fromHere(repo)),
      kept: kept.map(fromHere(repo)),
      gitPaths: pathsFromHere(repo, gitPaths),
      undo: undo && {
        ...undo,
        files: pathsFromHere(repo, undo.files),
        artifacts: pathsFromHere(repo, undo.artifacts),
      },
    }
    const about = { dryRun: dryRun === true, targets: operands }
    return { document: result, text: (view) => renderPrune(result, view, about), failed: result.failed }
  },
})

async function runUndo(
  context: Context,
  commit: string,
  operands: readonly string[],
  dryRun: boolean,
): Promise<Outcome> {
  const repo = await openHere(context)
  const found = await undoPrune(repo, commit, operands, { ...callOptions(context), dryRun })
  const result = {
    ...failedFromHere(repo, found),
    restored: pathsFromHere(repo, found.restored),
    gitPaths: pathsFromHere(repo, found.gitPaths),
  }
  return { document: result, text: (view) => renderPruneUndo(result, view, dryRun), failed: result.failed }
}
