import { isArtError } from '@art/core'
import { stage } from '@art/repo/verb/stage.ts'
import { renderStage } from '../render/stage.ts'
import { UsageError } from '../usage-error.ts'
import { explainAbsence } from './not-here.ts'
import { remoteFlag } from './remote-flag.ts'
import { callOptions, given, openHere } from './repository.ts'
import { defineCommand } from './spec.ts'
import { GIT_REMOTE, MOVE_FLAGS, moveFromHere, moveOptions } from './stage-flags.ts'

export const command = defineCommand({
  operands: [
    {
      name: 'name',
      complete: 'release',
      describe: "<model>, <model>@<version>, or '<model>#<stage>' for who holds another stage",
    },
    { name: 'stage', complete: 'stage', describe: 'any name: production, staging, eu/canary', optional: true },
    GIT_REMOTE,
  ],
  flags: {
    ...MOVE_FLAGS,
    force: { type: 'boolean', describe: 'though requirements are not met (say why with --reason), or a second time' },
    remote: remoteFlag('ask this remote of art whether it has the content, instead of the default one'),
  },
  details:
    'Gives the stage to the version by a tag <model>#<stage>#N, and commits registry.json, MODELS.md and the metadata with it. What a stage requires ' +
    'stands in the configuration as stages.<stage>.requires: safe, pushed, "val_acc >= 0.9", "not worse than current".',
  examples: [
    ['art stage resnet production', 'the highest version'],
    ['art stage resnet@v1.2.0 staging', ''],
    ["art stage 'resnet#staging' prod --push", 'what staging has tried, for everybody'],
    ['art stage cnn prod --force --reason why', 'the tag records who and why'],
  ],
  async run(context, { flags, operands }) {
    const [name, to, gitRemote] = operands as [string, string?, string?]
    const repo = await openHere(context)
    const { force, remote } = flags
    const options = { ...callOptions(context), ...moveOptions(flags, gitRemote), ...given({ force, remote }) }
    const result = moveFromHere(repo, await stage(repo, name, to, options).catch(explained(name)))
    return { document: result, text: (view) => renderStage(result, view) }
  },
})

/** `dvc stage add` is about something else. */
function explained(name: string): (error: unknown) => never {
  return (error) => {
    const absent = name === 'add' && isArtError(error, 'NOT_FOUND') ? explainAbsence(['stage', 'add']) : undefined
    throw absent === undefined ? error : new UsageError(absent.message, absent.hint)
  }
}
