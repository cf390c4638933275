import { pull } from '@art/repo/verb/pull.ts'
import { renderCheckout } from '../render/checkout.ts'
import { renderTransfer } from '../render/transfer.ts'
import { checkoutFromHere, given, openHere, transferFromHere } from './repository.ts'
import { defineCommand } from './spec.ts'
import { TARGETS, TRANSFER_FLAGS, transferOptions } from './transfer-flags.ts'

export const command = defineCommand({
  operands: TARGETS,
  flags: {
    ...TRANSFER_FLAGS,
    force: { type: 'boolean', alias: 'f', describe: 'overwrite or delete data that the cache does not hold' },
  },
  details: 'Fetches what the pointers name into the cache, then makes the workspace match them.',
  examples: [
    ['art pull', 'after `git pull` or `git clone`'],
    ['art pull models', 'only what is below models/'],
  ],
  async run(context, { flags, operands }) {
    const repo = await openHere(context)
    const begun = performance.now()
    const pulled = await pull(repo, operands, { ...transferOptions(context, flags), ...given({ force: flags.force }) })
    const result = { ...transferFromHere(repo, pulled), checkout: checkoutFromHere(repo, pulled.checkout) }
    const milliseconds = performance.now() - begun
    const failed = [
      ...result.failed,
      ...result.checkout.failed.filter(({ path }) => !result.failed.some((other) => other.path === path)),
    ]
    return {
      document: result,
      text: (view) => {
        const fetched = renderTransfer(result, 'fetch', milliseconds, view)
        const checkedOut = result.would === undefined ? renderCheckout(result.checkout, view, { summary: true }) : ''
        return [fetched, checkedOut].filter((line) => line !== '').join('\n')
      },
      failed,
    }
  },
})
