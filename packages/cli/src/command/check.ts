import { check } from '@art/repo/verb/check.ts'
import { countOf } from '../render/size.ts'
import { remoteFlag } from './remote-flag.ts'
import { callOptions, fromHere, given, openHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    {
      name: 'path',
      describe: 'only these; everything staged by default',
      optional: true,
      many: true,
      complete: 'artifact',
    },
  ],
  flags: {
    pushed: { type: 'boolean', describe: 'the remote must hold it too: for CI and releases' },
    remote: remoteFlag('with --pushed: another remote than the default'),
  },
  details:
    'The gate before a commit, local and offline. Names staged pointers whose content is not cached, data that changed ' +
    'since its pointer, large files about to enter git, and pickles that run anything when they are loaded; exit 1 blocks the commit.',
  examples: [
    ['art check', 'what the pre-commit hook runs'],
    ['art check --pushed', 'in CI'],
  ],
  async run(context, { flags: { pushed, remote }, operands }) {
    const repo = await openHere(context)
    const paths = operands.length > 0 ? [...operands] : undefined
    const found = await check(repo, {
      ...callOptions(context),
      ...given({ pushed: remote === undefined ? pushed : true, remote, paths }),
    })
    const result = { ...found, problems: found.problems.map(fromHere(repo)) }
    return {
      document: result,
      text: () => (result.ok ? `ok: ${countOf(result.checked, 'pointer')} checked` : ''),
      failed: result.problems,
      exitCode: result.ok ? 0 : 1,
    }
  },
})
