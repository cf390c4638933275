import type { ChangedTensor, FactChange, Figure, ModelDifference } from '@art/repo/view-api.ts'
import type { Ink } from './color.ts'
import { escapeText } from './escape.ts'
import { formatFact, formatFigure, formatShape } from './figure.ts'
import { formatCount } from './size.ts'
import { renderTable } from './table.ts'
import type { View } from './view.ts'

const SHOWN = 20
const MARK: Record<ChangedTensor['kind'], [letter: string, ink: Ink]> = {
  added: ['+', 'green'],
  removed: ['-', 'red'],
  renamed: ['R', 'cyan'],
  reshaped: ['!', 'yellow'],
  changed: ['~', 'yellow'],
  unknown: ['?', 'dim'],
}

/** `val_acc 0.786 → 0.915` */
export function factText({ name, before, after }: FactChange): string {
  const [was, is] = [before, after].map((value) => (value === undefined ? 'none' : formatFact(value)))
  return `${escapeText(name)} ${was} → ${is}`
}

/** Two models that were named. */
export function renderModels(from: string, to: string, model: ModelDifference, view: View): string {
  const head = `${escapeText(from)} → ${escapeText(to)}`
  return [view.paint('bold', head), ...renderModelDiff(model, view)].join('\n')
}

/** The judgement, the figures, and the tensors that changed with how far; indented below the artifact's own line. */
export function renderModelDiff(
  { judgement, tensors, facts, from, bring = [] }: ModelDifference,
  view: View,
): string[] {
  const { paint, columns, verbose } = view
  const shown = verbose || tensors.length <= SHOWN + 2 ? tensors : tensors.slice(0, SHOWN)
  const measured = shown.some(({ distance }) => distance !== undefined)
  const head = measured ? [['', 'tensor', 'shape', 'relative L2', 'max |Δ|', 'cosine']] : []
  const rows = shown.map((tensor) => row(tensor, measured, view))
  const right = { align: 'right' as const }
  const width = columns === undefined ? undefined : columns - 3
  const table = renderTable([...head, ...rows], [{}, { flexible: true }, {}, right, right, right], width)
  if (measured) table[0] = paint('dim', table[0]!)
  const more = tensors.length - shown.length
  const figures = verbose || facts.length <= SHOWN ? facts : facts.slice(0, SHOWN)
  const untold = facts.length - figures.length
  const poor = Object.values(from).includes('pointer')
  return [
    paint('bold', escapeText(judgement)),
    ...figures.map((fact) => `  ${factText(fact)}`),
    ...(untold > 0 ? [paint('dim', `  and ${formatCount(untold)} more figures: -v lists all`)] : []),
    ...table,
    ...(more > 0 ? [paint('dim', `and ${formatCount(more)} more tensors: -v lists all`)] : []),
    ...(bring.length > 0 ? [paint('dim', bringText(bring, poor))] : []),
  ].map((line) => `   ${line}`)
}

function bringText(bring: readonly string[], poor: boolean): string {
  const commands = bring.map((command) => `\`${escapeText(command)}\``).join(' and ')
  const why = poor ? 'only a pointer tells of one side' : 'distances need both contents'
  return `${why}: ${commands} ${bring.length === 1 ? 'brings' : 'bring'} what is not here`
}

function row(change: ChangedTensor, measured: boolean, { paint }: View): string[] {
  const { kind, name, from, before, after, distance, sameAs } = change
  const [letter, ink] = MARK[kind]
  const label = from === undefined ? escapeText(name) : `${escapeText(from)} → ${escapeText(name)}`
  const cells = [paint(ink, letter), label, shapes(before, after, sameAs)]
  if (!measured) return cells
  const { relativeL2, maxDelta, cosine } = distance ?? {}
  return [...cells, percent(relativeL2), short(maxDelta), short(cosine)]
}

function shapes(before: ChangedTensor['before'], after: ChangedTensor['after'], sameAs: string | undefined): string {
  const same = sameAs === undefined ? '' : ` = ${escapeText(sameAs)}`
  const [was, is] = [before, after].map((side) => side && formatShape(side.shape))
  const types = before !== undefined && after !== undefined && before.dtype !== after.dtype
  const kinds = types ? ` ${escapeText(before.dtype)} → ${escapeText(after.dtype)}` : ''
  return `${was === undefined || is === undefined || was === is ? (is ?? was ?? '') : `${was} → ${is}`}${kinds}${same}`
}

function percent(value: Figure | undefined): string {
  if (value === undefined) return ''
  return typeof value === 'number' ? `${formatFigure(Number((value * 100).toPrecision(3)))} %` : value
}

function short(value: Figure | undefined): string {
  if (value === undefined) return ''
  return typeof value === 'number' ? formatFigure(Number(value.toPrecision(4))) : value
}
