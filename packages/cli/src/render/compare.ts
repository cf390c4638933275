import type { ComparedModel, CompareResult } from '@art/repo/view-api.ts'
import { escapeText } from './escape.ts'
import { formatFact } from './figure.ts'
import { countOf } from './size.ts'
import { renderTable } from './table.ts'
import type { View } from './view.ts'
import { displayWidth } from './width.ts'

interface ShownColumn {
  title: string
  cell: (model: ComparedModel) => string
}

/** The model's name keeps so much of a narrow terminal. */
const NAME_LEAST = 16
const GAP = 2

export function renderCompare(result: CompareResult, format: 'table' | 'csv' | 'md', view: View): string {
  if (format === 'csv') return csvOf(result)
  if (format === 'md') return markdownOf(result)
  return tableOf(result, view)
}

function tableOf(result: CompareResult, { columns, paint, verbose }: View): string {
  const { models, by, direction, others } = result
  if (models.length === 0) return emptyText(result)
  const all = columnsOf(result, (value) => formatFact(value, 24), '*')
  const shown = verbose || columns === undefined ? all : fitting(all, models, columns)
  const rows = models.map((model) => [escapeText(model.name), ...shown.map(({ cell }) => cell(model))])
  const right = shown.map(() => ({ align: 'right' as const }))
  const width = verbose ? undefined : columns
  const head = ['model', ...shown.map(({ title }) => title)]
  const [first = '', ...lines] = renderTable([head, ...rows], [{ flexible: true }, ...right], width)
  const sorted = by === null ? 'no metrics, the latest epoch first' : `${escapeText(by)}, the ${direction} first`
  const untold = all.length - shown.length
  const notes = [
    countOf(models.length, 'model'),
    sorted,
    ...(untold > 0 ? [`${countOf(untold, 'more column')}: -v or --format csv`] : []),
    ...(models.some(({ given = [] }) => given.length > 0) ? ['* given, not read from the file'] : []),
    ...(others > 0 && verbose ? [`${countOf(others, 'artifact')} without figures`] : []),
  ]
  return [paint('dim', first), ...lines, paint('dim', notes.join('; '))].join('\n')
}

function emptyText({ others, failed }: CompareResult): string {
  if (failed.length > 0) return ''
  if (others === 0) return 'no models: nothing matches'
  return `no models: ${countOf(others, 'artifact')} tell no figures; \`art add --refresh\` reads those that were added before`
}

/** As many from the left as leave room for the names. */
function fitting(all: readonly ShownColumn[], models: readonly ComparedModel[], columns: number): ShownColumn[] {
  const longest = Math.max(...models.map(({ name }) => displayWidth(escapeText(name))))
  let left = columns - Math.min(longest, Math.max(NAME_LEAST, Math.floor(columns / 2)))
  return all.filter(({ title, cell }) => {
    left -= GAP + Math.max(displayWidth(title), ...models.map((model) => displayWidth(cell(model))))
    return left >= 0
  })
}

type Written = Parameters<typeof formatFact>[0]

/** The metric that decides, then epoch and the other metrics, then what differs in the configuration. */
function columnsOf(
  { models, by, differing }: CompareResult,
  write: (value: Written) => string,
  mark = '',
): ShownColumn[] {
  const metrics = [...new Set(models.flatMap((model) => Object.keys(model.metrics)))]
  const own = metrics.filter((name) => name === by)
  const cellOf = (record: (model: ComparedModel) => Record<string, Written>, key: string) => (model: ComparedModel) => {
    const values = record(model)
    return Object.hasOwn(values, key) ? write(values[key]!) : ''
  }
  const metric = (name: string): ShownColumn => ({
    title: escapeText(name),
    cell: (model) => cellOf(({ metrics: all }) => all, name)(model) + (model.given?.includes(name) ? mark : ''),
  })
  const number = (
    title: 'epoch' | 'step',
    value: (model: ComparedModel) => number | null | undefined,
  ): ShownColumn[] =>
    models.some((model) => typeof value(model) === 'number')
      ? [{ title, cell: (model) => (typeof value(model) === 'number' ? write(value(model)!) : '') }]
      : []
  return [
    ...own.map(metric),
    ...number('epoch', ({ epoch }) => epoch),
    ...number('step', ({ step }) => step),
    ...metrics.filter((name) => name !== by).map(metric),
    ...differing.map((key) => ({ title: escapeText(key), cell: cellOf((model) => model.config, key) })),
  ]
}

/** In full: numbers with all their digits; lists as JSON has them. */
function whole(value: Written): string {
  return escapeText(Array.isArray(value) ? JSON.stringify(value) : String(value))
}

/** RFC 4180, with the line ends of Unix. */
function csvOf(result: CompareResult): string {
  const columns = columnsOf(result, whole)
  const line = (cells: readonly string[]): string => cells.map(quoted).join(',')
  const rows = result.models.map((model) => [escapeText(model.name), ...columns.map(({ cell }) => cell(model))])
  return [['model', ...columns.map(({ title }) => title)], ...rows].map(line).join('\n')
}

/** A spreadsheet runs what begins like these, numbers apart; an apostrophe makes a text of it. */
const FORMULA = /^[=@\t\r]|^[+-](?!(?:inf|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$)/i

function quoted(text: string): string {
  const cell = FORMULA.test(text) ? `'${text}` : text
  return /[",\n\r]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

/** For a README or a pull request. */
function markdownOf(result: CompareResult): string {
  const columns = columnsOf(result, (value) => formatFact(value, 60))
  const line = (cells: readonly string[]): string => `| ${cells.map(inMarkdown).join(' | ')} |`
  const rows = result.models.map((model) => line([escapeText(model.name), ...columns.map(({ cell }) => cell(model))]))
  const rule = `| --- |${' --: |'.repeat(columns.length)}`
  return [line(['model', ...columns.map(({ title }) => title)]), rule, ...rows].join('\n')
}

/** Nothing of a file becomes a column, a link or a tag. */
function inMarkdown(cell: string): string {
  return cell.replace(/[\\|`*_<>[\]]/g, (character) => (character === '<' ? '&lt;' : `\\${character}`))
}
