import { resume } from '@art/repo/verb/resume.ts'
import { renderResume } from '../render/resume.ts'
import { remoteFlag } from './remote-flag.ts'
import { callOptions, fromHere, given, openHere, pathsFromHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    {
      name: 'name',
      describe: 'an artifact, a folder, a glob, or how file names begin',
      complete: 'target',
    },
  ],
  flags: {
    remote: remoteFlag('ask this remote, instead of the default one'),
  },
  details:
    'The newest checkpoint with optimizer state is brought to the workspace: the one of the highest epoch, then step, then commit. Data ' +
    'that training has written since is as good as tracked data, and is not touched. With -q only the path is printed.',
  examples: [
    ['art resume runs/resnet', 'among runs/resnet_epoch_1.pth and so on'],
    ['python train.py --resume "$(art resume -q resnet)"', ''],
  ],
  async run(context, { flags: { remote }, operands }) {
    const [name] = operands as [string]
    const repo = await openHere(context)
    const found = await resume(repo, name, { ...callOptions(context), ...given({ remote }) })
    const result = { ...fromHere(repo)(found), passed: pathsFromHere(repo, found.passed) }
    return { document: result, text: (view) => renderResume(result, view, { quiet: context.quiet }), always: true }
  },
})
