import { remoteDefault } from '@art/repo/verb/remote.ts'
import { escapeText } from '../render/escape.ts'
import { LEVEL_FLAGS, levelOf } from './level.ts'
import { given, openHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [{ name: 'name', describe: 'makes it the default', optional: true, complete: 'remote' }],
  flags: LEVEL_FLAGS,
  examples: [['art remote default origin', '']],
  async run(context, { flags, operands: [wanted] }) {
    const repo = await openHere(context)
    const { name, change } = await remoteDefault(repo, wanted, given({ level: levelOf(flags) }))
    return {
      document: { name: name ?? null, ...change },
      text: () => {
        if (name === undefined) return 'no default remote: `art remote default <name>` chooses one'
        return escapeText(
          change === undefined ? name : `the default remote is ${name} from now on; set in ${change.path}`,
        )
      },
      always: true,
      exitCode: name === undefined ? 1 : 0,
    }
  },
})
