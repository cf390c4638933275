import { du } from '@art/repo/verb/du.ts'
import { renderDu } from '../render/du.ts'
import { remoteFlag } from './remote-flag.ts'
import { callOptions, failedFromHere, fromHere, given, openHere } from './repository.ts'
import { defineCommand } from './spec.ts'
import { TARGETS } from './transfer-flags.ts'

export const command = defineCommand({
  operands: TARGETS,
  flags: {
    cloud: { type: 'boolean', alias: 'c', describe: 'ask the remote too' },
    remote: remoteFlag('another remote than the default; asks it'),
  },
  details:
    'The largest first. `unique` is what would be freed if that artifact alone went, `shared` what other artifacts of the workspace need too: of this ' +
    "machine's cache, and of the remote.",
  examples: [
    ['art du', 'everything that is tracked here'],
    ["art du -c 'models/*.pth'", 'and on the remote'],
  ],
  async run(context, { flags: { cloud, remote }, operands }) {
    const repo = await openHere(context)
    const found = await du(repo, operands, { ...callOptions(context), ...given({ cloud, remote }) })
    const result = { ...failedFromHere(repo, found), artifacts: found.artifacts.map(fromHere(repo)) }
    return { document: result, text: (view) => renderDu(result, view), failed: result.failed, always: true }
  },
})
