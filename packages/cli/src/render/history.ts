import type { HistoryEvent, HistoryResult } from '@art/repo/stage-api.ts'
import { escapeText } from './escape.ts'
import { formatFigure } from './figure.ts'
import { shownMoment, shownPerson, shownVersion } from './moment.ts'
import { countOf } from './size.ts'
import { fits, renderTable } from './table.ts'
import type { View } from './view.ts'
import { wrap } from './wrap.ts'

/** A line for each thing that happened, the newest first; what a person wrote of it below. */
export function renderHistory(result: HistoryResult, view: View): string {
  const { name, metric, stages, events } = result
  const { paint, columns } = view
  const head = ['when (UTC)', 'what', 'version', ...(metric === null ? [] : [escapeText(metric)]), 'by']
  const figure = metric === null ? [] : [{ align: 'right' as const }]
  const tableOf = (isNarrow: boolean): string[] => {
    const rows = events.map((event) => [
      shownMoment(event.date),
      isNarrow ? moveOf(event) : whatOf(event),
      shownVersion(event.version ?? event.commit ?? null).replace('nobody', ''),
      ...(metric === null ? [] : [figureOf(event, metric)]),
      event.by === null ? 'not committed' : escapeText(shownPerson(event.by)),
    ])
    return renderTable([head, ...rows], [{}, {}, {}, ...figure, { flexible: true }], columns)
  }
  const wide = tableOf(false)
  const isNarrow = !fits(wide, columns)
  const [title = '', ...lines] = isNarrow ? tableOf(true) : wide
  const held = stages.map(({ stage, version }) => `${escapeText(stage)} ${shownVersion(version)}`)
  return [
    paint('dim', title),
    ...lines.flatMap((line, at) => [coloured(line, events[at]!, view), ...notesOf(events[at]!, view, isNarrow)]),
    paint('dim', [`${escapeText(name)}: ${countOf(standing(events), 'version')}`, ...held].join('; ')),
  ].join('\n')
}

/** How many versions were registered and not withdrawn since. */
function standing(events: readonly HistoryEvent[]): number {
  const versions = new Set<string | null | undefined>()
  for (const { kind, version } of events.toReversed()) {
    if (kind === 'released') versions.add(version)
    else if (kind === 'withdrawn') versions.delete(version)
  }
  return versions.size
}

function whatOf(event: HistoryEvent): string {
  return event.kind === 'rolled-back' ? `${moveOf(event)}, rolled back` : moveOf(event)
}

function moveOf({ kind, stage, from, to, export: product }: HistoryEvent): string {
  if (product !== undefined) return `exported as ${escapeText(product.format)}`
  if (stage === undefined) return kind
  const name = escapeText(stage)
  if (kind === 'unstaged')
    return from === to ? `${name} taken from it` : `${name} ${shownVersion(from)} → ${shownVersion(to)}`
  return from === null ? name : `${name} ${shownVersion(from)} → ${shownVersion(to)}`
}

function figureOf({ metrics }: HistoryEvent, metric: string): string {
  return metrics !== undefined && Object.hasOwn(metrics, metric) ? formatFigure(metrics[metric]!) : ''
}

function coloured(line: string, { kind }: HistoryEvent, { paint }: View): string {
  if (kind === 'released') return paint('bold', line)
  return kind === 'rolled-back' || kind === 'withdrawn' || kind === 'deprecated' ? paint('yellow', line) : line
}

const INDENT = ' '.repeat('2026-11-01 12:00'.length + 2)

function notesOf(event: HistoryEvent, { paint, columns, verbose }: View, isNarrow: boolean): string[] {
  const { kind, archived, text, forced, metrics = {}, tag, commit, oid, path, export: product } = event
  const width = Math.max(30, (columns ?? 100) - INDENT.length)
  const said = text === undefined ? [] : wrap(escapeText(text.replaceAll(/\s+/g, ' ')), width)
  const notes = [
    ...(isNarrow && kind === 'rolled-back' ? [paint('yellow', 'rolled back')] : []),
    ...(archived ? [paint('dim', 'archived since')] : []),
    ...said.map((line) => paint('dim', line)),
    ...(forced === undefined ? [] : wrap(`forced: ${escapeText(forced)}`, width).map((line) => paint('yellow', line))),
  ]
  if (product !== undefined) notes.push(paint('dim', productOf(event)))
  if (verbose) {
    const figures = Object.entries(metrics).map(([key, value]) => `${escapeText(key)} ${formatFigure(value)}`)
    notes.push(
      ...[figures.join(', '), product ? madeBy(product) : path && escapeText(path), oid, commit, tag && escapeText(tag)]
        .filter((one) => one !== undefined && one !== '')
        .map((one) => paint('dim', one!)),
    )
  }
  return notes.map((line) => INDENT + line)
}

/** Where it is, and how far it is from its model. */
function productOf({ path = '', export: product }: HistoryEvent): string {
  const { opset, maxAbsDiff } = product!
  return [
    escapeText(path),
    ...(opset === undefined ? [] : [`opset ${opset}`]),
    maxAbsDiff === undefined ? 'not compared' : `max |Δ| ${formatFigure(Number(maxAbsDiff.toPrecision(3)))}`,
  ].join(', ')
}

function madeBy({ torch, exporter, comparedWith }: NonNullable<HistoryEvent['export']>): string {
  const made = `torch ${escapeText(torch)}${exporter === undefined ? '' : `, ${escapeText(exporter)}`}`
  return comparedWith === undefined ? made : `${made}, compared with ${escapeText(comparedWith)}`
}
