import { rollback } from '@art/repo/verb/rollback.ts'
import { renderRollback } from '../render/stage.ts'
import { callOptions, openHere } from './repository.ts'
import { defineCommand } from './spec.ts'
import { GIT_REMOTE, MOVE_FLAGS, moveFromHere, moveOptions } from './stage-flags.ts'

export const command = defineCommand({
  operands: [{ name: 'name', complete: 'release', describe: "'<model>#<stage>', quoted for the shell" }, GIT_REMOTE],
  flags: MOVE_FLAGS,
  details:
    'The version that had the stage before the one that has it now gets it back. Again, and it goes further back. Nothing is asked of that version: it ' +
    'met what the stage requires when it got it.',
  examples: [
    ["art rollback 'resnet#production' --push", 'for everybody'],
    ["art rollback -n 'resnet#production'", 'which version would that be?'],
  ],
  async run(context, { flags, operands }) {
    const [name, gitRemote] = operands as [string, string?]
    const repo = await openHere(context)
    const result = moveFromHere(
      repo,
      await rollback(repo, name, { ...callOptions(context), ...moveOptions(flags, gitRemote) }),
    )
    return { document: result, text: (view) => renderRollback(result, view) }
  },
})
