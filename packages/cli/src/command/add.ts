import { add } from '@art/repo/verb/add.ts'
import { listed } from '@art/core/listed.ts'
import type { FactsToGive } from '@art/repo/api.ts'
import type { FactWords } from '@art/repo/model/fact-words.ts'
import { refresh } from '@art/repo/verb/refresh.ts'
import { renderAdd } from '../render/add.ts'
import { UsageError } from '../usage-error.ts'
import { callOptions, failedFromHere, fromHere, given, openHere, pathsFromHere } from './repository.ts'
import { type Context, defineCommand } from './spec.ts'

const FACTS = 'Facts that the file does not tell, for its pointer'

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
    metric: {
      type: 'list',
      value: 'key=number',
      group: FACTS,
      describe: 'a metric of this content; empty takes it away; may be repeated',
    },
    metrics: {
      type: 'list',
      value: 'file.json',
      complete: 'path',
      group: FACTS,
      describe: 'all numbers of a JSON file',
    },
    meta: { type: 'list', value: 'key=value', group: FACTS, describe: 'anything else; empty takes it away' },
    desc: { type: 'string', value: 'text', group: FACTS, describe: 'what it is' },
    label: { type: 'list', value: 'word', group: FACTS, describe: 'may be repeated; --label=-word takes one away' },
    'dry-run': { type: 'boolean', alias: 'n', describe: 'only list what would be added' },
  },
  details:
    'Puts the content into the cache, writes a small pointer beside it (x.pth.art) for git, and has git ignore the data.',
  examples: [
    ['art add models/resnet.pth data/train', ''],
    ['art add -u', 'after training: all that changed'],
    ['art add m/resnet.pth --metric val_acc=0.93 --label baseline', ''],
    ['art add --refresh', 'fill in parameters and metrics of models that were added before'],
  ],
  async run(context, { flags, operands }) {
    const { update, dereference, glob, refresh: onlyFacts } = flags
    if (operands.length === 0 && !update && !onlyFacts) {
      throw new UsageError('`art add` needs <path…>', 'Name files or folders, or use -u for every modified artifact.')
    }
    const { metric, metrics, meta, desc, label } = flags
    const words = given({ metric, metrics, meta, desc, label })
    const saysFacts = Object.keys(words).length > 0
    if (onlyFacts && (update || dereference || glob || saysFacts)) {
      throw new UsageError('--refresh reads what is tracked already', 'Leave out -u, --dereference, --glob and facts.')
    }
    const repo = await openHere(context)
    const facts = saysFacts ? await factsOf(context, words) : undefined
    const options = {
      ...callOptions(context),
      ...given({ update, dereference, glob, facts, dryRun: flags['dry-run'] }),
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

async function factsOf({ cwd, onEvent }: Context, words: FactWords): Promise<FactsToGive> {
  const { factsFromWords } = await import('@art/repo/model/fact-words.ts')
  const { facts, passedOver } = factsFromWords(words, cwd)
  const message = `passed over, since they are no numbers: ${listed(passedOver)}`
  if (passedOver.length > 0) onEvent({ type: 'warning', message })
  return facts
}
