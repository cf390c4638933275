import type { ReleasedMetric, ReleaseResult } from '@art/repo/registry-api.ts'
import type { Ink, Paint } from './color.ts'
import { commandLine, escapeText } from './escape.ts'
import { formatFigure } from './figure.ts'
import { formatParameters } from './model.ts'
import { formatSize } from './size.ts'
import { renderTable } from './table.ts'
import type { View } from './view.ts'

const METRICS_SHOWN = 5

/** Name and version, why it is that one, what got better, what was written, and what to do next. */
export function renderRelease(result: ReleaseResult, view: View): string {
  const { paint, verbose, columns } = view
  const { model, version, from, dryRun, notes, tag, next } = result
  const arrow = from === null ? '' : `${from} → `
  const head = `${escapeText(model)} ${paint('dim', arrow)}${paint('green', version)}${dryRun ? paint('dim', '  not made: a dry run') : ''}`
  const rows = [
    ['because', escapeText(result.why.join('; '))],
    ['model', modelText(result)],
    ...metricRows(result.metrics, verbose, paint),
    ...fileRows(result),
    ['tag', `${escapeText(tag)}${result.commit === null ? '' : paint('dim', ` on ${result.commit.slice(0, 10)}`)}`],
    ...(result.pushed === null ? [] : [['sent to', escapeText(sentTo(result))]]),
  ]
  const labelled = rows.map(([label = '', text = '']) => [label === '' ? '' : paint('dim', label), text])
  const width = columns === undefined ? undefined : columns - 2
  const table = renderTable(labelled, [{}, {}], width).map((line) => `  ${line}`)
  const remarks = [...remarksOf(result), ...notes].map((note) => `${paint('yellow', 'note:')} ${escapeText(note)}`)
  const what = dryRun || next === null ? [] : [`${paint('cyan', 'next:')} ${commandLine(next)}`]
  return [paint('bold', head), ...table, ...remarks, ...what].join('\n')
}

function modelText({ path, size, parameters, oid }: ReleaseResult): string {
  const count = parameters === undefined ? '' : `, ${formatParameters(parameters)} parameters`
  return `${escapeText(path)}, ${formatSize(size)}${count}, ${oid.slice(0, 12)}`
}

function metricRows(metrics: readonly ReleasedMetric[], verbose: boolean, paint: Paint): string[][] {
  const shown = verbose ? metrics : metrics.slice(0, METRICS_SHOWN)
  const left = metrics.length - shown.length
  const rows = shown.map((metric, at) => [at === 0 ? 'metrics' : '', metricText(metric, paint)])
  return left > 0 ? [...rows, ['', paint('dim', `and ${left} more: -v lists all`)]] : rows
}

/** `val_acc 0.786 → 0.915` */
function metricText({ name, before, after, deciding }: ReleasedMetric, paint: Paint): string {
  const now = after === undefined ? 'none' : formatFigure(after)
  if (before !== undefined && before === after) return `${escapeText(name)} ${now}${paint('dim', ', as before')}`
  const value = before === undefined ? now : `${formatFigure(before)} → ${paint(inkOf(before, after, deciding), now)}`
  return `${escapeText(name)} ${value}`
}

/** Which end is the better one is known of the metric that counts alone. */
function inkOf(before: unknown, after: unknown, deciding: ReleasedMetric['deciding']): Ink {
  if (deciding === undefined || typeof before !== 'number' || typeof after !== 'number' || before === after)
    return 'bold'
  return after > before === (deciding === 'highest') ? 'green' : 'red'
}

const MARK = { added: '+', modified: '~', removed: '-' } as const

function fileRows({ files, branch }: ReleaseResult): string[][] {
  const label = branch === null ? 'files' : `on ${escapeText(branch)}`
  return files.map(({ path, state }, at) => [at === 0 ? label : '', `${MARK[state]} ${escapeText(path)}`])
}

function sentTo({ pushed, tag }: ReleaseResult): string {
  if (pushed === null) return ''
  return `${pushed.remote}: ${pushed.branch === undefined ? tag : `${pushed.branch} and ${tag}`}`
}

function remarksOf({ assumed, model, path, files, left }: ReleaseResult): string[] {
  return [
    ...(assumed
      ? [`models.yaml does not describe ${model}, so ${path} was taken by its name: \`art models init\` writes it down`]
      : []),
    ...(files.length === 0
      ? ['no files were written: `art models --fix` does on a branch that can take a commit']
      : []),
    ...left.map((file) => `${file} was changed meanwhile and stays as it is: \`git diff HEAD -- ${file}\` shows how`),
  ]
}
