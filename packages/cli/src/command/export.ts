import { exportModel } from '@art/repo/verb/export.ts'
import { renderProgram } from '../render/program.ts'
import { renderExport } from '../render/weights.ts'
import { UsageError } from '../usage-error.ts'
import { remoteFlag } from './remote-flag.ts'
import { callOptions, given } from './repository.ts'
import { defineCommand } from './spec.ts'

const PROGRAM = 'TorchScript and ONNX'

export const command = defineCommand({
  operands: [
    { name: 'target', describe: 'a model: its file, its pointer, `rev:path`, or a release', complete: 'model' },
  ],
  flags: {
    to: {
      type: 'string',
      value: 'format',
      choices: ['safetensors', 'torchscript', 'onnx'],
      describe: 'the format to write',
    },
    output: {
      type: 'string',
      alias: 'o',
      value: 'file',
      complete: 'path',
      describe: 'where to; beside the data by default',
    },
    force: { type: 'boolean', alias: 'f', describe: 'overwrite another file' },
    remote: remoteFlag('another remote than the default'),
    model: {
      type: 'string',
      value: 'module:name',
      group: PROGRAM,
      describe: 'what makes the model: `src.models.model:get_model`',
    },
    kwargs: { type: 'string', value: 'k=v,…', group: PROGRAM, describe: 'what to call it with; JSON works too' },
    input: {
      type: 'list',
      value: 'shape',
      group: PROGRAM,
      describe: 'of an input: `1,3,32,32` or `1,16:int64<1000`',
    },
    opset: { type: 'number', value: 'n', group: PROGRAM, describe: 'ONNX operator set; 18 by default' },
    'input-names': { type: 'string', value: 'a,b', group: PROGRAM, describe: 'names of the inputs in ONNX' },
    'output-names': { type: 'string', value: 'a,b', group: PROGRAM, describe: 'names of the outputs in ONNX' },
    'dynamic-batch': { type: 'boolean', group: PROGRAM, describe: 'take batches of any size' },
    tolerance: {
      type: 'string',
      value: 'x',
      group: PROGRAM,
      describe: 'how outputs may differ; 1e-4 by default',
    },
    python: {
      type: 'string',
      value: 'path',
      complete: 'path',
      group: PROGRAM,
      describe: 'that has torch; the active one by default',
    },
    timeout: {
      type: 'number',
      value: 'seconds',
      group: PROGRAM,
      describe: 'how long Python may take; 900 by default',
    },
  },
  details:
    'safetensors needs no Python, and each tensor stays what it is, byte for byte. For TorchScript and ONNX your Python makes the model by your code and exports it; what ' +
    'computes the same as the model is added, with its origin in its pointer.',
  examples: [
    ['art export resnet.pth --to safetensors', 'writes resnet.safetensors'],
    ['art export x.pth --to onnx --model m:net --input 1,3,32,32', ''],
  ],
  async run(context, { flags, operands }) {
    const { to, output, force, remote, model, kwargs, input, opset, tolerance, python, timeout } = flags
    if (to === undefined) {
      throw new UsageError('`art export` needs --to', 'Name the format: `art export <target> --to safetensors`.')
    }
    const options = { cwd: context.cwd, ...callOptions(context), ...given({ output, force, remote }) }
    const program = given({
      model,
      kwargs,
      input,
      opset,
      tolerance,
      python,
      timeout,
      inputNames: flags['input-names'],
      outputNames: flags['output-names'],
      dynamicBatch: flags['dynamic-batch'],
    })
    if (to !== 'safetensors') {
      const { exportProgram } = await import('@art/repo/verb/export-program.ts')
      const result = await exportProgram(operands[0] as string, { ...options, ...program, to })
      return { document: result, text: (view) => renderProgram(result, view) }
    }
    const [first] = Object.keys(program)
    if (first !== undefined)
      throw new UsageError(
        `--${first.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is not for safetensors`,
        'Leave it out, or say --to onnx or --to torchscript.',
      )
    const result = await exportModel(operands[0] as string, options)
    return { document: result, text: (view) => renderExport(result, view) }
  },
})
