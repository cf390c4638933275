import { lstatSync } from 'node:fs'
import { resolve } from 'node:path'
import { diff } from '@art/repo/verb/diff.ts'
import { renderDiff } from '../render/diff.ts'
import { callOptions, fromHere, given, openHere } from './repository.ts'
import { defineCommand } from './spec.ts'

export const command = defineCommand({
  operands: [
    {
      name: 'rev',
      describe: 'older side, HEAD by default; then the newer side, the workspace by default',
      optional: true,
      complete: 'revision',
    },
    {
      name: 'path',
      describe: 'only these; put `--` before what could be a revision',
      optional: true,
      many: true,
      complete: 'artifact',
    },
  ],
  flags: { summary: { type: 'boolean', describe: 'only the counts' } },
  details:
    'Lists what changed between two revisions, or since one. An existing path wins over a revision of that name; ' +
    '-v lists every file within directories.',
  examples: [
    ['art diff', 'HEAD against the workspace'],
    ['art diff v1.0 main data', 'what main changed in data/ since v1.0'],
  ],
  async run(context, { flags: { summary = false }, operands, beforeDashes }) {
    const repo = await openHere(context)
    const { revisions, paths } = splitOperands(operands, beforeDashes, (name) => exists(resolve(context.cwd, name)))
    const [from, to] = revisions
    const result = await diff(repo, { ...callOptions(context), ...given({ from, to }), paths })
    const artifacts = result.artifacts.map(fromHere(repo))
    return {
      document: { ...result, artifacts },
      text: (view) => renderDiff({ ...result, artifacts }, view, { summary }),
      always: true,
    }
  },
})

/** Up to two leading words that are no existing paths are revisions; `a..b` is two at once. */
export function splitOperands(
  operands: readonly string[],
  beforeDashes: number | undefined,
  isPath: (name: string) => boolean,
): { revisions: string[]; paths: string[] } {
  const most = Math.min(2, beforeDashes ?? operands.length)
  let count = 0
  while (count < most && (beforeDashes !== undefined || !isPath(operands[count] as string))) count++
  const [first = ''] = operands
  const range = /^(.*[^.])\.\.([^.].*)?$/s.exec(first)
  if (count > 0 && range !== null) {
    const [, from, to] = range
    return { revisions: [from as string, to ?? 'HEAD'], paths: operands.slice(1) }
  }
  return { revisions: operands.slice(0, count), paths: operands.slice(count) }
}

function exists(path: string): boolean {
  return [path, `${path}.art`].some((candidate) => lstatSync(candidate, { throwIfNoEntry: false }) !== undefined)
}
