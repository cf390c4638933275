import type { ChangedTensor, FactChange, FactValue, Figure, ModelDifference } from '@art/repo/view-api.ts'
import type { Ink } from './color.ts'
import { escapeText } from './escape.ts'
import { formatFact, formatFigure, formatShape } from './figure.ts'
import { formatCount } from './size.ts'
import { renderTable } from './table.ts'
import type { View } from './view.ts'
import { JOIN, wrap } from './wrap.ts'

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
  const notes = (model.differs ?? []).flatMap((name) => {
    const note = `${escapeText(name)} is compared as it lies here, which is not what its pointer says: name the pointer to compare that`
    return indented([note], view).map((line) => view.paint('yellow', line))
  })
  return [view.paint('bold', head), ...notes, ...renderModelDiff(model, view)].join('\n')
}

/** The judgement, the figures, and the tensors that changed with how far; indented below the artifact's own line. */
export function renderModelDiff(model: ModelDifference, view: View): string[] {
  const { judgement, tensors, from, bring = [] } = model
  const { paint, verbose } = view
  const shown = verbose || tensors.length <= SHOWN + 2 ? tensors : tensors.slice(0, SHOWN)
  const more = tensors.length - shown.length
  const poor = [from.before, from.after].filter((one) => one === 'pointer').length
  return [
    ...indented([escapeText(judgement)], view).map((line) => paint('bold', line)),
    ...figureLines(model, view),
    ...tensorLines(shown, model, view).map((line) => `${INDENT}${line}`),
    ...[
      ...(more > 0 ? [`and ${formatCount(more)} more tensors: -v lists all`] : []),
      ...(bring.length > 0 ? [bringText(bring, poor)] : []),
    ].map((line) => `${INDENT}${paint('dim', line)}`),
  ]
}

const INDENT = '   '

function indented(texts: readonly string[], { columns }: View, indent = INDENT): string[] {
  const width = columns === undefined ? undefined : columns - indent.length
  return texts.flatMap((text) => wrap(text, width)).map((line) => indent + line)
}

/** A line for each figure that changed; what only one side tells in one go. */
function figureLines({ facts }: ModelDifference, view: View): string[] {
  const told = (name: string, value: FactValue): string => `${escapeText(name)}${JOIN}${formatFact(value)}`
  const gone: string[] = []
  const come: string[] = []
  const changed = facts.filter(({ name, before, after }) => {
    if (before !== undefined && after !== undefined) return true
    if (before !== undefined) gone.push(told(name, before))
    if (after !== undefined) come.push(told(name, after))
    return false
  })
  const figures = view.verbose ? changed : changed.slice(0, SHOWN)
  const lists = [...listLine('no longer told', gone, view), ...listLine('new', come, view)]
  const untold = changed.length - figures.length
  const more = `and ${formatCount(untold)} more figures: -v lists all`
  return [
    ...indented([...figures.map(factText), ...lists], view, `${INDENT}  `),
    ...(untold > 0 ? [`${INDENT}  ${view.paint('dim', more)}`] : []),
  ]
}

function listLine(label: string, texts: readonly string[], { verbose }: View): string[] {
  if (texts.length === 0) return []
  const shown = verbose || texts.length <= SHOWN ? texts : [...texts.slice(0, SHOWN), `${texts.length - SHOWN} more`]
  return [`${label}: ${shown.join(', ')}`]
}

function tensorLines(shown: readonly ChangedTensor[], { judgement }: ModelDifference, view: View): string[] {
  const { paint, columns, verbose } = view
  const measured = shown.some(({ distance }) => distance !== undefined)
  const skipped = shown.some(({ distance }) => distance !== undefined && distance.skipped > 0)
  const distances = ['relative L2', 'max |Δ|', 'cosine', ...(skipped ? ['not finite'] : [])]
  const rows = shown.map((tensor) => [...row(tensor, judgement, paint), ...(measured ? distanceCells(tensor) : [])])
  const right = { align: 'right' as const }
  const width = verbose || columns === undefined ? undefined : columns - INDENT.length
  const layout = [{}, { flexible: true as const }, {}, ...distances.map(() => right)]
  const table = renderTable(measured ? [['', 'tensor', 'shape', ...distances], ...rows] : rows, layout, width)
  return table.map((line, i) => (measured && i === 0 ? paint('dim', line) : line))
}

function bringText(bring: readonly string[], poor: number): string {
  const commands = bring.map((command) => `\`${escapeText(command)}\``).join(' and ')
  const why = ['distances need both contents', 'only a pointer tells of one side', 'only pointers tell of both'][poor]
  return `${why}: ${commands} ${bring.length === 1 ? 'brings' : 'bring'} what is not here`
}

function row(
  { kind, name, from, before, after, sameAs }: ChangedTensor,
  judgement: string,
  paint: View['paint'],
): string[] {
  const [letter, ink] = MARK[kind]
  const label = from === undefined ? escapeText(name) : `${escapeText(from)} → ${escapeText(name)}`
  const same = sameAs === undefined ? '' : ` = ${escapeText(sameAs)}`
  const [was, is] = [before, after].map((side) => side && formatShape(side.shape))
  const shape = was === undefined || is === undefined || was === is ? (is ?? was ?? '') : `${was} → ${is}`
  return [paint(ink, letter), label, `${shape}${conversion(before, after, judgement)}${same}`]
}

/** Where all have the same one, the judgement says it. */
function conversion(before: ChangedTensor['before'], after: ChangedTensor['after'], judgement: string): string {
  if (before === undefined || after === undefined || before.dtype === after.dtype) return ''
  const kinds = `${before.dtype} → ${after.dtype}`
  return judgement.includes(kinds) ? '' : ` ${escapeText(kinds)}`
}

function distanceCells({ distance }: ChangedTensor): string[] {
  const { relativeL2, maxDelta, cosine, skipped = 0 } = distance ?? {}
  return [percent(relativeL2), short(maxDelta), short(cosine), skipped === 0 ? '' : formatCount(skipped)]
}

function percent(value: Figure | undefined): string {
  if (value === undefined) return ''
  return typeof value === 'number' ? `${formatFigure(Number((value * 100).toPrecision(3)))} %` : value
}

function short(value: Figure | undefined): string {
  if (value === undefined) return ''
  return typeof value === 'number' ? formatFigure(Number(value.toPrecision(4))) : value
}
