import { exportModel } from '@art/repo/verb/export.ts'
import { renderExport } from '../render/weights.ts'
import { UsageError } from '../usage-error.ts'
import { callOptions, given } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    { name: 'target', describe: 'a model: its file, its pointer, `rev:path`, or a release', complete: 'model' },
  ],
  flags: {
    to: { type: 'string', value: 'format', choices: ['safetensors'], describe: 'the format to write: safetensors' },
    output: {
      type: 'string',
      alias: 'o',
      value: 'file',
      complete: 'path',
      describe: 'where to: a file or a folder; beside the data by default',
    },
    force: { type: 'boolean', alias: 'f', describe: 'overwrite a file that is something else' },
    remote: {
      type: 'string',
      alias: 'r',
      value: 'name',
      complete: 'remote',
      describe: 'read what is not on this machine from this remote instead of the default one',
    },
  },
  details:
    'Writes the state dict of a model, each tensor byte for byte under the name that `load_state_dict` knows, and what the checkpoint says of itself as ' +
    'texts. Needs no Python, and runs nothing of the file.',
  examples: [
    ['art export resnet.pth --to safetensors', 'writes resnet.safetensors'],
    ['art export v1:x.pth --to safetensors', 'of another revision'],
  ],
  async run(context, { flags: { to, output, force, remote }, operands }) {
    if (to === undefined) {
      throw new UsageError('`art export` needs --to', 'Name the format: `art export <target> --to safetensors`.')
    }
    const options = { cwd: context.cwd, ...callOptions(context), ...given({ output, force, remote }) }
    const result = await exportModel(operands[0] as string, options)
    return { document: result, text: (view) => renderExport(result, view) }
  },
})
