import { fetch } from '@art/repo/verb/fetch.ts'
import { renderTransfer } from '../render/transfer.ts'
import { openHere, transferFromHere } from './repository.ts'
import { defineCommand } from './spec.ts'
import { TARGETS, TRANSFER_FLAGS, transferOptions } from './transfer-flags.ts'

export const command = defineCommand({
  operands: TARGETS,
  flags: TRANSFER_FLAGS,
  details: 'Brings what the pointers name into the cache; the workspace stays as it is.',
  examples: [['art fetch --rev v1.0 models', '']],
  async run(context, { flags, operands }) {
    const repo = await openHere(context)
    const begun = performance.now()
    const result = transferFromHere(repo, await fetch(repo, operands, transferOptions(context, flags)))
    const milliseconds = performance.now() - begun
    return {
      document: result,
      text: (view) => renderTransfer(result, 'fetch', milliseconds, view),
      failed: result.failed,
    }
  },
})
