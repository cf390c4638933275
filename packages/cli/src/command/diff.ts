import { lstatSync } from 'node:fs'
import { resolve } from 'node:path'
import { versionReference } from '@art/registry/tag/reference.ts'
import { diff } from '@art/repo/verb/diff.ts'
import { renderDiff } from '../render/diff.ts'
import { escapeText } from '../render/escape.ts'
import { UsageError } from '../usage-error.ts'
import { callOptions, fromHere, given, openHere } from './repository.ts'
import { type Context, defineCommand, type Outcome } from './spec.ts'

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
  flags: {
    summary: { type: 'boolean', describe: 'only the counts' },
    tensors: { type: 'boolean', describe: 'of models that changed: which tensors, and how far' },
    textconv: { type: 'boolean', describe: "print one pointer file as text: for git's diff.<driver>.textconv" },
  },
  details:
    'Lists what changed between two revisions, or since one. An existing path wins over a revision of that name; ' +
    '-v lists every file within directories.',
  examples: [
    ['art diff', 'HEAD against the workspace'],
    ['art diff v1.0 main data', 'what main changed in data/ since v1.0'],
    ['art diff --tensors a.pth b.safetensors', 'two model files, tracked or not'],
    ['art diff --tensors HEAD~1:x.pth x.pth', 'what training changed'],
    ['art diff --tensors net@v1 net@latest', 'two releases'],
  ],
  async run(context, { flags: { summary = false, tensors, textconv }, operands, beforeDashes }) {
    if (textconv) return await printPointer(context, operands)
    if (tensors && isPair(context.cwd, operands, beforeDashes)) return await diffPair(context, operands)
    const repo = await openHere(context)
    const { revisions, paths } = splitOperands(operands, beforeDashes, (name) => exists(resolve(context.cwd, name)))
    const [from, to] = revisions
    const result = await diff(repo, { ...callOptions(context), ...given({ from, to, tensors }), paths })
    const failed = result.failed?.map(fromHere(repo))
    const artifacts = result.artifacts.map(fromHere(repo))
    return {
      document: { ...result, artifacts, ...given({ failed }) },
      text: (view) => renderDiff({ ...result, artifacts }, view, { summary }),
      ...given({ failed }),
      always: true,
    }
  },
})

async function printPointer(context: Context, operands: readonly string[]): Promise<Outcome> {
  const [path = '', ...others] = operands
  if (path === '' || others.length > 0) throw new UsageError('--textconv takes one pointer file', 'Git names it.')
  const { textconv } = await import('@art/repo/verb/textconv.ts')
  const text = await textconv(path, { cwd: context.cwd })
  const document = { from: path, to: 'text', artifacts: [], text }
  return { document, text: () => text.map(escapeText).join('\n'), always: true }
}

/** Two names of models are the two sides themselves; with `--tensors` two revisions of everything are `a..b`, or stand before `--`. */
function isPair(cwd: string, operands: readonly string[], beforeDashes: number | undefined): boolean {
  const isModel = (name: string): boolean =>
    exists(resolve(cwd, name)) || /^[^:]+:./.test(name) || versionReference(name) !== undefined
  return beforeDashes === undefined && operands.length === 2 && operands.every(isModel)
}

async function diffPair(context: Context, operands: readonly string[]): Promise<Outcome> {
  const [from, to] = operands as [string, string]
  const { diffModels } = await import('@art/repo/verb/diff-models.ts')
  const result = await diffModels(from, to, { cwd: context.cwd, ...callOptions(context) })
  const [{ model }] = result.artifacts
  const { renderModels } = await import('../render/model-diff.ts')
  return { document: result, text: (view) => renderModels(from, to, model, view), always: true }
}

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
