import { unstage } from '@art/repo/verb/unstage.ts'
import { renderUnstage } from '../render/stage.ts'
import { callOptions, given, openHere } from './repository.ts'
import { defineCommand } from './spec.ts'
import { GIT_REMOTE, MOVE_FLAGS, moveFromHere, moveOptions } from './stage-flags.ts'

export const command = defineCommand({
  operands: [
    { name: 'name', complete: 'release', describe: "<model>, <model>@<version>, or '<model>#<stage>'" },
    { name: 'stage', complete: 'stage', describe: 'the stage to take away', optional: true },
    GIT_REMOTE,
  ],
  flags: {
    ...MOVE_FLAGS,
    all: { type: 'boolean', describe: 'from every version that was given it, so that nobody has it' },
  },
  details:
    'Takes the stage from the version that has it, or from the one that is named, by a tag <model>#<stage>!#N. The version that had it before gets it ' +
    'back, as in GTO; with --all nobody does.',
  examples: [
    ["art unstage 'resnet#staging'", ''],
    ['art unstage resnet@v1.2.0 staging', ''],
    ['art unstage resnet canary --all', 'the stage is no longer used'],
  ],
  async run(context, { flags, operands }) {
    const [name, ...others] = operands as [string, ...string[]]
    // The stage is said once: what follows a name that holds it is the remote.
    const [of, gitRemote] = name.includes('#') && others.length < 2 ? [undefined, ...others] : others
    const repo = await openHere(context)
    const options = { ...callOptions(context), ...moveOptions(flags, gitRemote), ...given({ all: flags.all }) }
    const result = moveFromHere(repo, await unstage(repo, name, of, options))
    return { document: result, text: (view) => renderUnstage(result, view) }
  },
})
