import { typedPath } from '@art/repo/target/path.ts'
import { history } from '@art/repo/verb/history.ts'
import { renderHistory } from '../render/history.ts'
import { callOptions, given, openHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [{ name: 'name', complete: 'name', describe: 'the model' }],
  flags: {
    at: {
      type: 'string',
      value: 'date',
      describe: 'leave out what came later: 2026-11-01 or 2026-11-01T12:00, in UTC',
    },
  },
  details:
    'Its versions with their metrics, and where its stages went, the newest first: when, by whom and why. -v tells every metric, commit and tag.',
  examples: [
    ['art history resnet', ''],
    ['art history resnet --at 2026-11-01', ''],
  ],
  async run(context, { flags: { at }, operands }) {
    const [name] = operands as [string]
    const repo = await openHere(context)
    const found = await history(repo, name, { ...callOptions(context), ...given({ at }) })
    const events = found.events.map((event) =>
      event.path === undefined ? event : { ...event, path: typedPath(repo, event.path) },
    )
    const result = { ...found, events }
    return { document: result, text: (view) => renderHistory(result, view) }
  },
})
