import type { DiffArtifact, DiffEntry, DiffResult } from '@art/repo/api.ts'
import type { Ink, Paint } from './color.ts'
import { escapeText } from './escape.ts'
import { factText, renderModelDiff } from './model-diff.ts'
import { formatCount, formatSize } from './size.ts'
import { renderTable } from './table.ts'
import type { View } from './view.ts'

const MARK: Record<DiffEntry['state'], [letter: string, ink: Ink]> = {
  added: ['A', 'green'],
  modified: ['M', 'yellow'],
  removed: ['D', 'red'],
  renamed: ['R', 'cyan'],
}
const MOST_FILES = 10
const MOST_FACTS = 6

/** Like `git diff --name-status`, with sizes; the files of a directory are indented below it. */
export function renderDiff(
  { from, to, artifacts }: DiffResult,
  { paint, columns, verbose }: View,
  { summary = false } = {},
): string {
  const between = `${escapeText(from)} → ${escapeText(to)}`
  if (artifacts.length === 0) return `no differences (${between})`
  const view = { paint, columns, verbose }
  const lines: string[] = []
  let rows: string[][] = []
  const flush = (): void => {
    lines.push(...renderTable(rows, [{}, { flexible: true }, {}], columns))
    rows = []
  }
  for (const artifact of summary ? [] : artifacts) {
    rows.push(row(artifact, '', paint))
    const { files = [] } = artifact
    const shown = verbose ? files : files.slice(0, MOST_FILES)
    for (const file of shown) rows.push(row(file, '   ', paint))
    if (shown.length < files.length)
      rows.push(['   …', `${formatCount(files.length - shown.length)} more files (-v lists all)`, ''])
    const below = renderBelow(artifact, view)
    if (below.length === 0) continue
    flush()
    lines.push(...below)
  }
  flush()
  return [...lines, `${counts(artifacts)} (${between})`].join('\n')
}

/** What is known of a model that changed. */
function renderBelow({ model, facts = [], sameWeights }: DiffArtifact, view: View): string[] {
  if (model !== undefined) return renderModelDiff(model, view)
  const texts = [...(sameWeights ? ['same weights'] : []), ...facts.map(factText)]
  const shown = view.verbose ? texts : texts.slice(0, MOST_FACTS)
  const more = texts.length - shown.length
  return shown.length === 0 ? [] : [`   ${[...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ')}`]
}

function row(entry: DiffEntry, indent: string, paint: Paint): string[] {
  const [letter, ink] = MARK[entry.state]
  const path = escapeText(entry.path)
  const name = entry.previousPath === undefined ? path : `${escapeText(entry.previousPath)} → ${path}`
  return [`${indent}${paint(ink, letter)}`, name, sizes(entry)]
}

function sizes({ size, previousSize }: DiffEntry): string {
  if (size === undefined || previousSize === undefined) return formatSize(size ?? previousSize ?? 0)
  return size === previousSize ? formatSize(size) : `${formatSize(previousSize)} → ${formatSize(size)}`
}

function counts(entries: readonly DiffEntry[]): string {
  const states = ['added', 'modified', 'removed', 'renamed'] as const
  const found = states.map((state) => [state, entries.filter((entry) => entry.state === state).length] as const)
  return found.flatMap(([state, count]) => (count > 0 ? [`${formatCount(count)} ${state}`] : [])).join(', ')
}
