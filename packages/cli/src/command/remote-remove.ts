import { remoteRemove } from '@art/repo/verb/remote.ts'
import { escapeText } from '../render/escape.ts'
import { openHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [{ name: 'name', describe: 'a remote', complete: 'remote' }],
  flags: {},
  details: 'Forgets the name and its settings. What the remote holds stays there.',
  examples: [['art remote remove nas', '']],
  async run(context, { operands: [name = ''] }) {
    const change = await remoteRemove(await openHere(context), name)
    return { document: { name, ...change }, text: () => escapeText(`removed remote ${name} from ${change.path}`) }
  },
})
