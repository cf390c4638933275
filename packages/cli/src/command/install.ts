import { typedPath } from '@art/repo/target/path.ts'
import { install } from '@art/repo/verb/install.ts'
import { escapeText } from '../render/escape.ts'
import { gitAddLines } from '../render/git-add.ts'
import { given, openHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [],
  flags: { remove: { type: 'boolean', describe: 'take the hooks out and put back what was there' } },
  details:
    'Installs git hooks: pre-commit runs `art check`, post-checkout and post-merge run `art checkout`, pre-push pushes ' +
    'what the leaving commits name. Hooks that exist keep running. `git diff` then shows what pointers say.',
  examples: [['art install', '']],
  async run(context, { flags: { remove } }) {
    const repo = await openHere(context)
    const script = process.argv[1]
    const program = script === undefined ? undefined : { node: process.execPath, script }
    const result = await install(repo, given({ remove, program }))
    const { hooksPath, installed, chained, removed, gitPaths } = result
    return {
      document: result,
      text: (view) => {
        const where = `in ${escapeText(hooksPath)}`
        if (remove) return removed.length > 0 ? `removed ${where}: ${removed.join(', ')}` : `no hooks of art ${where}`
        const kept = chained.length > 0 ? [`these still run the hook that was there: ${chained.join(', ')}`] : []
        return [
          `installed ${where}: ${installed.join(', ')}`,
          ...kept,
          ...gitAddLines(
            gitPaths.map((path) => typedPath(repo, path)),
            false,
            view.paint,
          ),
        ].join('\n')
      },
    }
  },
})
