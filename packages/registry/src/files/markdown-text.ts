import { quote } from '@art/core/yaml/plain.ts'

/** Text of anybody's in a line of Markdown: no markup, no HTML, no control characters, one line. */
export function markdownText(text: string): string {
  const shown = quote(text.replaceAll(/\s+/g, ' ').trim()).slice(1, -1).replaceAll('\\"', '"').replaceAll(/\\\\/g, '\\')
  return shown
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*[\]{}~|]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&')
    .replaceAll(/^[#+-]|^\d+(?=[.)])/g, '\\$&')
}

/** Digits in groups of three. */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}

/** Six significant digits, as everywhere else. */
export function figureText(value: number | string): string {
  if (typeof value === 'string') return markdownText(value)
  const [short, rounded] = [String(value), String(Number(value.toPrecision(6)))]
  return Number.isInteger(value) || short.length <= rounded.length ? short : rounded
}
