import { scan } from '@art/repo/verb/scan.ts'
import { renderScan } from '../render/scan.ts'
import { remoteFlag } from './remote-flag.ts'
import { callOptions, given } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    {
      name: 'target',
      describe:
        'files, pointers, folders (all below), `rev:path`, releases, or globs over artifacts; every artifact by default',
      optional: true,
      many: true,
      complete: 'model',
    },
  ],
  flags: {
    remote: remoteFlag('read what is not on this machine from this remote instead of the default one'),
  },
  details:
    'Reads the pickles in a file, hidden and nested ones too, and tells what they import and call. Nothing is run or imported. ' +
    '`safe`: only names that are known to do no harm. `unsafe`: a name that can run anything; exit 1. `unknown`: neither, or not all of it could be ' +
    'read; names that you trust go into check.allow_imports. Works on any file, inside a repository or not.',
  examples: [
    ['art scan', 'every model that is tracked'],
    ['art scan model.pth', ''],
    ['art scan ~/Downloads/some-model', 'every file of a folder'],
    ['art scan HEAD~3:models/x.pth', 'as another revision has it'],
  ],
  async run(context, { flags: { remote }, operands }) {
    const result = await scan(operands, { cwd: context.cwd, ...callOptions(context), ...given({ remote }) })
    return {
      document: result,
      text: (view) => renderScan(result, view),
      failed: result.failed,
      exitCode: result.verdict === 'unsafe' || result.failed.length > 0 ? 1 : 0,
    }
  },
})
