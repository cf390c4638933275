import type { ModelsInitResult } from '@art/repo/registry-api.ts'
import { escapeText } from './escape.ts'
import { gitAddLines } from './git-add.ts'
import { countOf } from './size.ts'
import type { View } from './view.ts'

/** The whole file as it is now, then what to do with it. */
export function renderProposed(
  { path, state, added, kept, text }: ModelsInitResult,
  { paint }: View,
  { dryRun }: { dryRun: boolean },
): string {
  if (state === 'unchanged' && kept.length > 0) return `${escapeText(path)} names all models that are tracked here`
  if (state === 'unchanged') return 'no model files are tracked here: `art add` them first'
  const lines = text.trimEnd().split('\n').map(escapeText)
  const names = added.map(({ name, from }) => {
    const sources =
      from.length === 0 ? '' : ` (with what ${from.map(escapeText).join(', ')} ${from.length === 1 ? 'tells' : 'tell'})`
    return `  ${escapeText(name)}${sources}`
  })
  const done = dryRun ? 'would be' : 'is'
  const what = state === 'written' ? 'new' : `extended by ${countOf(added.length, 'model')}`
  return [
    ...lines,
    '',
    paint('dim', `${escapeText(path)} ${done} ${what}:`),
    ...names.map((line) => paint('dim', line)),
    ...(dryRun ? [] : gitAddLines([path], false, paint)),
  ].join('\n')
}
