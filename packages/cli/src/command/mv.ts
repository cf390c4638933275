import { move } from '@art/repo/verb/mv.ts'
import { typedPath } from '@art/repo/target/path.ts'
import { escapeText } from '../render/escape.ts'
import { gitAddLines } from '../render/git-add.ts'
import { openHere, pathsFromHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    { name: 'from', describe: 'an artifact', complete: 'artifact' },
    { name: 'to', describe: 'its new path, or an existing folder', complete: 'path' },
  ],
  flags: {},
  details: 'Moves data, pointer and ignore line. No content is copied or read.',
  examples: [['art mv model.pth models/resnet.pth', '']],
  async run(context, { operands: [from = '', to = ''] }) {
    const repo = await openHere(context)
    const result = await move(repo, from, to)
    const shown = {
      ...result,
      from: typedPath(repo, result.from),
      to: typedPath(repo, result.to),
      gitPaths: pathsFromHere(repo, result.gitPaths),
    }
    return {
      document: shown,
      text: ({ paint }) =>
        [
          `moved ${escapeText(shown.from)} → ${escapeText(shown.to)}`,
          ...gitAddLines(shown.gitPaths, shown.staged, paint),
        ].join('\n'),
    }
  },
})
