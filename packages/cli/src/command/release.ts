import { release } from '@art/repo/verb/release.ts'
import { renderRelease } from '../render/release.ts'
import { remoteFlag } from './remote-flag.ts'
import { callOptions, fromHere, given, openHere, pathsFromHere } from './repository.ts'
import { defineCommand } from './spec.ts'
import { GIT_REMOTE, pushOption } from './stage-flags.ts'

export const command = defineCommand({
  operands: [
    { name: 'name', complete: 'name', describe: 'a model of models.yaml, or the name of its file' },
    GIT_REMOTE,
  ],
  flags: {
    bump: {
      type: 'string',
      choices: ['major', 'minor', 'patch'],
      describe: 'which part of the version grows, instead of what the facts ask for',
    },
    version: { type: 'string', value: 'X.Y.Z', describe: 'this very version; pre-releases too, as 1.0.0-rc.1' },
    message: { type: 'string', alias: 'm', value: 'text', describe: 'what you say of it, for the tag and the commit' },
    push: { type: 'boolean', describe: 'send branch and tag: both arrive, or nothing is released' },
    commit: { type: 'boolean', negated: true, describe: 'only tag HEAD; `art models --fix` writes the files later' },
    'allow-equal': { type: 'boolean', describe: 'release the content of the last release again' },
    'dry-run': { type: 'boolean', alias: 'n', describe: 'check all of it and show what would be made' },
    remote: remoteFlag('the remote of art that must hold the content, instead of the default one'),
  },
  details:
    'Checks that the model is committed, on the remote, safe and not released yet, proposes the version and says why, writes metadata, registry.json and MODELS.md, ' +
    'and makes a commit of them with an annotated tag on it: both or neither.',
  examples: [
    ['art release resnet -n', 'what would be released, and why as that version'],
    ['art release resnet --push', 'and send it'],
    ['art release resnet --version 2.0.0-rc.1', 'a pre-release'],
  ],
  async run(context, { flags, operands }) {
    const [name, gitRemote] = operands as [string, string?]
    const { bump, version, message, push, commit, remote, 'allow-equal': allowEqual, 'dry-run': dryRun } = flags
    const repo = await openHere(context)
    const options = given({
      bump,
      version,
      message,
      commit,
      remote,
      allowEqual,
      dryRun,
      push: pushOption(push, gitRemote),
    })
    const made = await release(repo, name, { ...callOptions(context), ...options })
    const here = fromHere(repo)
    const result = { ...here(made), files: made.files.map(here), left: pathsFromHere(repo, made.left) }
    return { document: result, text: (view) => renderRelease(result, view) }
  },
})
