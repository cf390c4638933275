import { init } from '@art/repo/verb/init.ts'
import { escapeText } from '../render/escape.ts'
import { gitAddLines } from '../render/git-add.ts'
import { given } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [],
  flags: {
    subdir: { type: 'boolean', describe: 'allow a sub-folder of a git repository' },
    git: { type: 'boolean', negated: true, describe: 'work without git' },
    force: { type: 'boolean', alias: 'f', describe: 'write missing files of an existing repository anew' },
  },
  examples: [
    ['art init', 'in the top folder of a git repository'],
    ['art init --no-git', 'in any other folder'],
  ],
  async run({ cwd }, { flags: { subdir, git, force } }) {
    const result = await init({ cwd, ...given({ subdir, git, force }) })
    return {
      document: result,
      text: (view) =>
        [
          `made an art repository in ${escapeText(result.root)}`,
          ...gitAddLines(result.gitPaths, false, view.paint),
        ].join('\n'),
    }
  },
})
