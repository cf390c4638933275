import { add } from '@art/repo/verb/add.ts'
import { refresh } from '@art/repo/verb/refresh.ts'
import { renderAdd } from '../render/add.ts'
import { UsageError } from '../usage-error.ts'
import { callOptions, failedFromHere, fromHere, given, openHere, pathsFromHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    { name: 'path', describe: 'files and folders, or globs with --glob', optional: true, many: true, complete: 'path' },
  ],
  flags: {
    update: { type: 'boolean', alias: 'u', describe: 'every artifact that was modified (below <path>)' },
    dereference: { type: 'boolean', describe: 'store what links that leave a folder point to' },
    glob: { type: 'boolean', describe: 'read <path> as patterns: **, *, ?, [a-z], {a,b}' },
    refresh: {
      type: 'boolean',
      describe: 'only fill in what models say, in pointers that lack it (or those of <path>)',
    },
    'dry-run': { type: 'boolean', alias: 'n', describe: 'only list what would be added' },
  },
  details:
    'Puts the content into the cache, writes a small pointer beside it (x.pth.art) for git, and has git ignore the data.',
  examples: [
    ['art add models/resnet.pth data/train', ''],
    ['art add -u', 'after training: all that changed'],
    ['art add --refresh', 'fill in parameters and metrics of models that were added before'],
  ],
  async run(context, { flags, operands }) {
    const { update, dereference, glob, refresh: onlyFacts } = flags
    if (operands.length === 0 && !update && !onlyFacts) {
      throw new UsageError('`art add` needs <path…>', 'Name files or folders, or use -u for every modified artifact.')
    }
    if (onlyFacts && (update || dereference || glob)) {
      throw new UsageError('--refresh reads what is tracked already', 'Leave out -u, --dereference and --glob.')
    }
    const repo = await openHere(context)
    const options = {
      ...callOptions(context),
      ...given({ update, dereference, glob, dryRun: flags['dry-run'] }),
    }
    const result = failedFromHere(repo, await (onlyFacts ? refresh : add)(repo, operands, options))
    const added = result.added.map(fromHere(repo))
    const gitPaths = pathsFromHere(repo, result.gitPaths)
    return {
      document: { ...result, added, gitPaths },
      text: (view) =>
        renderAdd({ ...result, added, gitPaths }, view, {
          dryRun: flags['dry-run'] ?? false,
          refresh: onlyFacts ?? false,
        }),
      failed: result.failed,
    }
  },
})
