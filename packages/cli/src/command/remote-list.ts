import { remoteList } from '@art/repo/verb/remote.ts'
import { escapeText } from '../render/escape.ts'
import { renderTable } from '../render/table.ts'
import { openHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [],
  flags: {},
  examples: [['art remote list', '']],
  async run(context) {
    const remotes = remoteList(await openHere(context))
    return {
      document: { remotes },
      text: ({ columns, paint }) => {
        if (remotes.length === 0) return 'no remotes yet: `art remote add -d <name> <url>` names one'
        const rows = remotes.map(({ name, url, default: isDefault }) => [
          escapeText(name),
          escapeText(url),
          isDefault ? paint('green', 'default') : '',
        ])
        return renderTable(rows, [{}, { flexible: true }, {}], columns).join('\n')
      },
      always: true,
    }
  },
})
