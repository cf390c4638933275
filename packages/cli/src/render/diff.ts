import type { DiffEntry, DiffResult } from '@art/repo/api.ts'
import type { Ink, Paint } from './color.ts'
import { escapeText } from './escape.ts'
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

/** Like `git diff --name-status`, with sizes; the files of a directory are indented below it. */
export function renderDiff(
  { from, to, artifacts }: DiffResult,
  { paint, columns, verbose }: View,
  { summary = false } = {},
): string {
  const between = `${escapeText(from)} → ${escapeText(to)}`
  if (artifacts.length === 0) return `no differences (${between})`
  const rows: string[][] = []
  for (const artifact of summary ? [] : artifacts) {
    rows.push(row(artifact, '', paint))
    const { files = [] } = artifact
    const shown = verbose ? files : files.slice(0, MOST_FILES)
    for (const file of shown) rows.push(row(file, '   ', paint))
    if (shown.length < files.length)
      rows.push(['   …', `${formatCount(files.length - shown.length)} more files (-v lists all)`, ''])
  }
  return [...renderTable(rows, [{}, { flexible: true }, {}], columns), `${counts(artifacts)} (${between})`].join('\n')
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
