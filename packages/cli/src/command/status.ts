import { status } from '@art/repo/verb/status.ts'
import { renderStatus } from '../render/status.ts'
import { remoteFlag } from './remote-flag.ts'
import { callOptions, failedFromHere, fromHere, given, openHere } from './repository.ts'
import { defineCommand } from './spec.ts'
import { TARGETS } from './transfer-flags.ts'

export const command = defineCommand({
  operands: TARGETS,
  flags: {
    cloud: { type: 'boolean', alias: 'c', describe: 'ask the remote too' },
    remote: remoteFlag('with --cloud: another remote than the default'),
  },
  details:
    'Compares workspace and cache with the pointers. With -q nothing is printed, and exit 1 says that something is off.\n\n' +
    '  modified      the data changed since its pointer was written\n' +
    '  outdated      the pointer moved on; nothing would be lost by `art pull`\n' +
    '  missing       not in the workspace\n' +
    '  not-in-cache  `art pull` brings it\n' +
    '  new           git does not know the pointer yet',
  examples: [
    ['art status', ''],
    ['art status -c data', 'and is it on the remote?'],
  ],
  async run(context, { flags: { cloud, remote }, operands }) {
    const repo = await openHere(context)
    const options = { ...callOptions(context), ...given({ cloud: remote === undefined ? cloud : true, remote }) }
    const found = await status(repo, operands, options)
    const result = { ...failedFromHere(repo, found), artifacts: found.artifacts.map(fromHere(repo)) }
    const exitCode = result.failed.length > 0 || (context.quiet && !result.clean) ? 1 : 0
    return {
      document: result,
      text: (view) => renderStatus(result, view, { all: view.verbose || operands.length > 0 }),
      failed: result.failed,
      exitCode,
    }
  },
})
