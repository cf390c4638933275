import { typedPath } from '@art/repo/target/path.ts'
import { which } from '@art/repo/verb/which.ts'
import { renderWhich } from '../render/which.ts'
import { callOptions, given, openHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [{ name: 'name', complete: 'release', describe: "<model>, <model>@<version>, or '<model>#<stage>'" }],
  flags: {
    at: {
      type: 'string',
      value: 'date',
      describe: 'as it was then: 2026-11-01 (the end of that day, today: now) or 2026-11-01T12:00, in UTC',
    },
  },
  details:
    'The version that has the stage, or else the highest one: with its commit, oid and path. From git tags alone, so it works offline. With -q only the ' +
    'version is printed.',
  examples: [
    ["art which 'resnet#production'", ''],
    ["art which 'resnet#prod' --at 2026-11-01", 'what was served on that day?'],
  ],
  async run(context, { flags: { at }, operands }) {
    const [name] = operands as [string]
    const repo = await openHere(context)
    const found = await which(repo, name, { ...callOptions(context), ...given({ at }) })
    const result = found.path === null ? found : { ...found, path: typedPath(repo, found.path) }
    return { document: result, text: (view) => renderWhich(result, view, context), always: true }
  },
})
