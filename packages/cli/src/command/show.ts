import { show } from '@art/repo/verb/show.ts'
import { renderShow } from '../render/show.ts'
import { remoteFlag } from './remote-flag.ts'
import { callOptions, given } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    {
      name: 'target',
      describe: 'a model: any file, a folder that holds one, a pointer, `rev:path`, or a release',
      complete: 'model',
    },
  ],
  flags: {
    rev: { type: 'string', value: 'rev', complete: 'revision', describe: 'as this revision has it' },
    remote: remoteFlag('ask this remote for what is not on this machine, instead of the default one'),
    stats: {
      type: 'boolean',
      describe:
        'read every tensor for mean, std, min, max, NaN and sha256, unless its table has them: then they are shown anyway',
    },
  },
  details:
    'Reads tables, not payloads: a checkpoint of gigabytes costs some hundred kilobytes, and nothing in it is executed. Where the content is not on ' +
    'this machine, its tensor table tells, the remote, or its pointer. -v lists every tensor.',
  examples: [
    ['art show model.pth', 'a file, tracked or not'],
    ['art show HEAD~3:models/x.pth', 'as another revision has it'],
    ['art show resnet@v1.2.0', "a release; also resnet@latest, 'resnet#prod'"],
    ['art show --stats model.safetensors', ''],
  ],
  async run(context, { flags: { rev, remote, stats }, operands }) {
    const [name] = operands as [string]
    const result = await show(name, { cwd: context.cwd, ...callOptions(context), ...given({ rev, remote, stats }) })
    return { document: result, text: (view) => renderShow(result, view), always: true }
  },
})
