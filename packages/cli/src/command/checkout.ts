import { checkout } from '@art/repo/verb/checkout.ts'
import { renderCheckout } from '../render/checkout.ts'
import { callOptions, checkoutFromHere, given, openHere } from './repository.ts'
import { defineCommand } from './spec.ts'
import { TARGETS } from './transfer-flags.ts'

export const command = defineCommand({
  operands: TARGETS,
  flags: {
    force: { type: 'boolean', alias: 'f', describe: 'overwrite or delete data that the cache does not hold' },
    relink: { type: 'boolean', describe: 'make files anew, by the link type that is configured' },
    summary: { type: 'boolean', describe: 'only the counts' },
    'dry-run': { type: 'boolean', alias: 'n', describe: 'only list what would change' },
  },
  details:
    'Makes the workspace match the pointers, from the cache. Data that is in no cache is never destroyed without --force.',
  examples: [
    ['art checkout', 'after `git switch`'],
    ['art checkout --force data/train', 'drop local changes'],
  ],
  async run(context, { flags, operands }) {
    const repo = await openHere(context)
    const { force, relink, summary = false } = flags
    const result = await checkout(repo, operands, {
      ...callOptions(context),
      ...given({ force, relink, dryRun: flags['dry-run'] }),
    })
    const shown = checkoutFromHere(repo, result)
    return {
      document: shown,
      text: (view) => renderCheckout(shown, view, { summary, dryRun: flags['dry-run'] ?? false }),
      failed: shown.failed,
    }
  },
})
