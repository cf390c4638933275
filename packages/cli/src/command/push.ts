import { push } from '@art/repo/verb/push.ts'
import { renderTransfer } from '../render/transfer.ts'
import { openHere, transferFromHere } from './repository.ts'
import { defineCommand } from './spec.ts'
import { TARGETS, TRANSFER_FLAGS, transferOptions } from './transfer-flags.ts'

export const command = defineCommand({
  operands: TARGETS,
  flags: TRANSFER_FLAGS,
  details: 'Sends what the pointers name and the remote lacks. After exit 0 every byte can be pulled elsewhere.',
  examples: [
    ['art push', 'what the workspace names'],
    ['art push -r backup --all-tags', ''],
  ],
  async run(context, { flags, operands }) {
    const repo = await openHere(context)
    const begun = performance.now()
    const result = transferFromHere(repo, await push(repo, operands, transferOptions(context, flags)))
    const milliseconds = performance.now() - begun
    return {
      document: result,
      text: (view) => renderTransfer(result, 'push', milliseconds, view),
      failed: result.failed,
    }
  },
})
