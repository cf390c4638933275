import type { CheckoutResult } from '@art/repo/api.ts'
import { escapeText } from './escape.ts'
import { countOf, formatCount, formatSize } from './size.ts'
import type { View } from './view.ts'

const MOST_LINES = 30

/** What happened to each artifact, then the counts. */
export function renderCheckout(
  result: CheckoutResult,
  { paint, verbose }: View,
  { summary = false, dryRun = false } = {},
): string {
  const { added, modified, removed, unchanged, files, bytes, failed, pointers = [] } = result
  const written = pointers.length === 0 ? [] : [`pointers are as released: ${pointers.map(escapeText).join(', ')}`]
  const lines = [
    ...added.map((path) => `${paint('green', 'A')}  ${escapeText(path)}`),
    ...modified.map((path) => `${paint('yellow', 'M')}  ${escapeText(path)}`),
    ...removed.map((path) => `${paint('red', 'D')}  ${escapeText(path)}`),
  ]
  const changed = lines.length
  const shown = summary ? [] : verbose ? lines : lines.slice(0, MOST_LINES)
  if (!summary && shown.length < changed)
    shown.push(paint('dim', `… and ${formatCount(changed - shown.length)} more (-v lists all)`))
  if (changed === 0) {
    if (unchanged.length === 0) return failed.length > 0 ? '' : 'nothing to check out'
    return [`the workspace already matches: ${countOf(unchanged.length, 'artifact')}`, ...written].join('\n')
  }
  const counts = [
    part(added, 'added'),
    part(modified, 'modified'),
    part(removed, 'removed'),
    unchanged.length > 0 ? `${formatCount(unchanged.length)} unchanged` : '',
  ].filter((text) => text !== '')
  const verb = dryRun ? 'would be checked out' : 'checked out'
  const work = files > 0 || bytes > 0 ? `; ${countOf(files, 'file')}, ${formatSize(bytes)}` : ''
  return [...shown, `${verb}: ${counts.join(', ')}${work}`, ...written].join('\n')
}

function part(paths: readonly string[], what: string): string {
  return paths.length > 0 ? `${formatCount(paths.length)} ${what}` : ''
}
