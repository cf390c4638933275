import type { Figure, ShownTensor, ShowResult } from '@art/repo/view-api.ts'
import { escapeText } from './escape.ts'
import { formatFigure, formatShape } from './figure.ts'
import { countOf, formatCount, formatSize } from './size.ts'
import { type Column, renderTable } from './table.ts'
import type { View } from './view.ts'

/** Rows that are shown without `-v`. */
const SHOWN = 20

const NAME: Column = { flexible: true }
const RIGHT: Column = { align: 'right' }
const LAYERS = ['layers', 'tensors', 'parameters', 'size']
const KNOWN = ['tensors', 'dtype', 'shape', 'size']
/** So many figures leave no room for the size. */
const MEASURED = ['tensors', 'shape', 'mean', 'std', 'min', 'max', 'NaN']

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
  const lines = cut.some(({ statistics }) => statistics !== undefined)
    ? measuredTable(cut, view)
    : withHead(KNOWN, cut.map(knownRow), [NAME, {}, {}, RIGHT], view)
  const rest = [
    ...(cut.length < all.length ? [countOf(all.length - cut.length, 'more tensor')] : []),
    ...(all.length < tensors.length ? [`${countOf(others.length, 'tensor')} beside the weights`] : []),
  ]
  return rest.length === 0 ? lines : [...lines, view.paint('dim', `and ${rest.join(', ')}: -v lists all`)]
}

function measuredTable(tensors: readonly ShownTensor[], view: View): string[] {
  const rows = tensors.map((tensor) => {
    const [name = '', dtype = '', shape = '', size = ''] = knownRow(tensor)
    const row = [name, shape, ...statisticsOf(tensor)]
    return view.verbose ? [...row, dtype, size, tensor.sha256 ?? ''] : row
  })
  const figures = [RIGHT, RIGHT, RIGHT, RIGHT, RIGHT]
  const head = view.verbose ? [...MEASURED, 'dtype', 'size', 'sha256'] : MEASURED
  return withHead(head, rows, [NAME, {}, ...figures, {}, RIGHT, {}], view)
}

function knownRow({ name, weight, dtype, shape, bytes }: ShownTensor): string[] {
  return [escapeText(weight ?? name), escapeText(dtype), formatShape(shape), formatSize(bytes)]
}

function statisticsOf({ statistics }: ShownTensor): string[] {
  if (statistics === undefined) return ['', '', '', '', '']
  const { mean, std, min, max, nan } = statistics
  return [...[mean, std, min, max].map(short), formatCount(nan)]
}

function short(value: Figure | undefined): string {
  if (value === undefined) return ''
  return typeof value === 'number' ? formatFigure(Number(value.toPrecision(3))) : value
}

function withHead(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  layout: readonly Column[],
  { paint, columns }: View,
): string[] {
  const [first = '', ...rest] = renderTable([head, ...rows], layout, columns)
  return [paint('dim', first), ...rest]
}
