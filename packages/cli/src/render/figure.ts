import type { FactValue, Figure } from '@art/repo/view-api.ts'
import { escapeText } from './escape.ts'

/** A figure of a model: six significant digits, small ones as `1.5e-5`, `nan` and `inf` as they are. */
export function formatFigure(value: Figure): string {
  if (typeof value === 'string') return escapeText(value)
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value)
  if (Math.abs(value) < 1e-4) return Number(value.toPrecision(6)).toExponential()
  const short = String(value)
  const rounded = String(Number(value.toPrecision(6)))
  return rounded.length < short.length ? rounded : short
}

const TEXT_MAX = 60

/** A value from a file: texts escaped and cut, lists in brackets. */
export function formatFact(value: FactValue, most = TEXT_MAX): string {
  if (Array.isArray(value)) return cut(`[${value.map((item) => formatFact(item as FactValue, most)).join(', ')}]`, most)
  if (typeof value === 'string') return cut(escapeText(value), most)
  return typeof value === 'number' ? formatFigure(value) : String(value)
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}

/** As torch prints a size: `[64, 3, 7, 7]`. Names are dimensions that are not fixed. */
export function formatShape(shape: readonly (number | string)[]): string {
  return `[${shape.map((size) => escapeText(String(size))).join(', ')}]`
}
