import { compare } from '@art/repo/verb/compare.ts'
import { renderCompare } from '../render/compare.ts'
import { UsageError } from '../usage-error.ts'
import { callOptions, given } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    {
      name: 'target',
      describe: 'artifacts, folders, globs, files, `rev:path`, releases; every artifact by default',
      optional: true,
      many: true,
      complete: 'target',
    },
  ],
  flags: {
    by: { type: 'string', value: 'metric', describe: 'sort by it; val_acc by default, else what most have' },
    format: {
      type: 'string',
      value: 'format',
      choices: ['table', 'json', 'csv', 'md'],
      describe: 'table by default',
    },
    rev: { type: 'list', value: 'rev', complete: 'revision', describe: 'as this revision has them; may be repeated' },
    highest: { type: 'boolean', describe: 'the highest first, whatever the name of the metric says' },
    lowest: { type: 'boolean', describe: 'the lowest first' },
  },
  details:
    'Reads pointers and no contents. The best comes first: the lowest of losses and errors, the highest of all else. Columns of the configuration ' +
    'are only those that differ. -v shows every column.',
  examples: [
    ['art compare', 'every model that is tracked'],
    ["art compare 'runs/*.pth' --by val_loss", ''],
    ['art compare best.pth --rev main --rev v1', 'in several revisions'],
    ['art compare --format csv > models.csv', ''],
  ],
  async run(context, { flags: { by, format = 'table', rev, highest, lowest }, operands }) {
    if (highest && lowest) throw new UsageError('--highest and --lowest exclude each other', 'Leave one out.')
    const direction = highest ? ('highest' as const) : lowest ? ('lowest' as const) : undefined
    const { cwd } = context
    const result = await compare(operands, { cwd, ...callOptions(context), ...given({ by, rev, direction }) })
    return {
      document: result,
      text: (view) => (format === 'json' ? JSON.stringify(result, undefined, 2) : renderCompare(result, format, view)),
      failed: result.failed,
      always: true,
    }
  },
})
