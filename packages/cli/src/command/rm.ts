import type { Repo } from '@art/repo/open.ts'
import { remove } from '@art/repo/verb/rm.ts'
import { escapeText } from '../render/escape.ts'
import { gitAddLines } from '../render/git-add.ts'
import { callOptions, failedFromHere, fromHere, given, openHere, pathsFromHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [{ name: 'target', describe: 'artifacts, pointers, folders or globs', many: true, complete: 'artifact' }],
  flags: {
    outs: { type: 'boolean', describe: 'delete the data in the workspace too' },
    force: { type: 'boolean', alias: 'f', describe: 'with --outs: also data that the cache does not hold' },
    'dry-run': { type: 'boolean', alias: 'n', describe: 'only list what would be removed' },
  },
  details: 'Deletes pointers and ignore lines. The data stays in the workspace, the cache and the remote.',
  examples: [
    ['art rm old.pth', 'stop tracking it'],
    ['art rm --outs old.pth', 'and delete it here'],
  ],
  async run(context, { flags, operands }) {
    const repo = await openHere(context)
    const { outs, force } = flags
    const options = { ...callOptions(context), ...given({ outs, force, dryRun: flags['dry-run'] }) }
    const result = failedFromHere(repo, await remove(repo, operands, options))
    const removed = result.removed.map(fromHere(repo))
    const gitPaths = pathsFromHere(repo, result.gitPaths)
    const verb = flags['dry-run'] ? 'would no longer be tracked' : 'no longer tracked'
    return {
      document: { ...result, removed, gitPaths },
      text: ({ paint }) =>
        [
          ...removed.map(
            ({ path, dataDeleted }) => `${verb}: ${escapeText(path)}${dataDeleted ? ' (data deleted)' : ''}`,
          ),
          ...(removed.some(({ dataStays }) => dataStays) ? [paint('dim', stays(repo, flags['dry-run']))] : []),
          ...gitAddLines(gitPaths, result.staged, paint),
        ].join('\n'),
      failed: result.failed,
    }
  },
})

function stays({ gitRoot }: Repo, dryRun = false): string {
  const git = gitRoot === undefined ? '' : dryRun ? ', and git would see it' : ', and git sees it now'
  return `the data ${dryRun ? 'would stay' : 'stays'}${git}: \`--outs\` deletes it`
}
