import { doctor } from '@art/repo/verb/doctor.ts'
import { renderDoctor } from '../render/doctor.ts'
import { callOptions } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [{ name: 'file', describe: 'a model: any file, a pointer, `rev:path`, or a release', complete: 'model' }],
  flags: {},
  details:
    'Why torch.load would fail here, and what to do: the file is not here, is no model, is damaged or cut off; tensors of devices that are not there; a torch ' +
    'that is too old; imports that unpickling needs; what weights_only=True says. Nothing in the file is run, and Python is not needed. Checks of the ' +
    'environment, without a file, come in a later version.',
  examples: [['art doctor model.pth', '']],
  async run(context, { operands }) {
    const [name] = operands as [string]
    const result = await doctor(name, { cwd: context.cwd, ...callOptions(context) })
    return { document: result, text: (view) => renderDoctor(result, view), exitCode: result.ok ? 0 : 1 }
  },
})
