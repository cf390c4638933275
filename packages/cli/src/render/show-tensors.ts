import type { Figure, ShownTensor, ShowResult } from '@art/repo/view-api.ts'
import { escapeText } from './escape.ts'
import { formatFigure, formatShape } from './figure.ts'
import { countOf, formatCount, formatSize } from './size.ts'
import { type Column, fits, renderTable } from './table.ts'
import type { View } from './view.ts'

/** Rows that are shown without `-v`. */
const SHOWN = 20

const NAME: Column = { flexible: true }
const RIGHT: Column = { align: 'right' }
const LAYERS = ['layers', 'tensors', 'parameters', 'size']
/** As `add` prints an oid. */
const HASH_SHOWN = 10

export function renderLayers({ layers }: ShowResult, view: View): string[] {
  if (layers.length < 2) return []
  const rows = layers.map(({ name, tensors, parameters, bytes }) => [
    name === '' ? '(top)' : escapeText(name),
    formatCount(tensors),
    formatCount(parameters),
    formatSize(bytes),
  ])
  return withHead(LAYERS, rows, [NAME, RIGHT, RIGHT, RIGHT], view)
}

/** Weights under their names, then the rest under its path. */
export function renderTensors({ tensors }: ShowResult, view: View): string[] {
  if (tensors.length === 0) return []
  const weights = tensors.filter(({ weight }) => weight !== undefined)
  const others = tensors.filter(({ weight }) => weight === undefined)
  const all = view.verbose || weights.length === 0 ? [...weights, ...others] : weights
  const cut = view.verbose || all.length <= SHOWN + 2 ? all : all.slice(0, SHOWN)
  const isMeasured = cut.some(({ statistics }) => statistics !== undefined)
  const lines = tableOf(cut, isMeasured ? MEASURED : KNOWN, view)
  const rest = [
    ...(cut.length < all.length ? [countOf(all.length - cut.length, 'more tensor')] : []),
    ...(all.length < tensors.length ? [`${countOf(others.length, 'tensor')} beside the weights`] : []),
  ]
  return rest.length === 0 ? lines : [...lines, view.paint('dim', `and ${rest.join(', ')}: -v lists all`)]
}

interface TensorColumn extends Column {
  title: string
  cell: (tensor: ShownTensor) => string
  /** The lowest goes first where a terminal has no room for all. */
  rank?: number
}

const statistic = (key: 'mean' | 'std' | 'min' | 'max'): TensorColumn => ({
  title: key,
  align: 'right',
  cell: ({ statistics }) => short(statistics?.[key]),
})

const KNOWN: readonly TensorColumn[] = [
  { title: 'tensors', flexible: 'apart', cell: ({ name, weight }) => escapeText(weight ?? name) },
  { title: 'dtype', rank: 1, cell: ({ dtype }) => escapeText(dtype) },
  { title: 'shape', cell: ({ shape }) => formatShape(shape) },
  { title: 'size', rank: 0, align: 'right', cell: ({ bytes }) => formatSize(bytes) },
]

const MEASURED: readonly TensorColumn[] = [
  ...KNOWN,
  ...(['mean', 'std', 'min', 'max'] as const).map(statistic),
  { title: 'NaN', align: 'right', cell: ({ statistics }) => (statistics ? formatCount(statistics.nan) : '') },
  { title: 'sha256', rank: 2, cell: ({ sha256 = '' }) => sha256 },
]

/** As many columns as fit beside whole names; all of them with `-v`. */
function tableOf(tensors: readonly ShownTensor[], all: readonly TensorColumn[], view: View): string[] {
  for (let least = 0; ; least++) {
    const columns = all.filter(({ rank }) => view.verbose || rank === undefined || rank >= least)
    const head = columns.map(({ title }) => title)
    const rows = tensors.map((tensor) =>
      columns.map(({ title, cell }) => {
        const text = cell(tensor)
        return view.verbose || title !== 'sha256' ? text : text.slice(0, HASH_SHOWN)
      }),
    )
    const isLast = view.verbose || columns.every(({ rank }) => rank === undefined)
    if (isLast || fits(renderTable([head, ...rows], columns, undefined), view.columns))
      return withHead(head, rows, columns, view)
  }
}

function short(value: Figure | undefined): string {
  if (value === undefined) return ''
  return typeof value === 'number' ? formatFigure(Number(value.toPrecision(3))) : value
}

function withHead(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  layout: readonly Column[],
  { paint, columns, verbose }: View,
): string[] {
  const [first = '', ...rest] = renderTable([head, ...rows], layout, verbose ? undefined : columns)
  return [paint('dim', first), ...rest]
}
