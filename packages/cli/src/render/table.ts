import { displayWidth, padEnd, padStart, truncateMiddle } from './width.ts'

export interface Column {
  readonly align?: 'left' | 'right'
  /** Gives way when the terminal is too narrow: its text is cut in the middle, or stands `apart`, whole, on a line before or after the rest of its row. */
  readonly flexible?: true | 'apart'
}

const GAP = '  '
const LEAST = 8
const INDENT = '    '

/** Whether no line is wider than the terminal. */
export function fits(lines: readonly string[], width: number | undefined): boolean {
  return width === undefined || lines.every((line) => displayWidth(line) <= width)
}

/** An aligned line for each row. Cells must be escaped already and may hold colour sequences, flexible ones may not. Without `width` nothing is cut. */
export function renderTable(
  rows: readonly (readonly string[])[],
  columns: readonly Column[],
  width: number | undefined,
): string[] {
  const widths = columns.map((_, at) => rows.reduce((most, row) => Math.max(most, displayWidth(row[at] ?? '')), 0))
  const used = columns.map((_, at) => at).filter((at) => widths[at] !== 0)
  const flexible = columns.findIndex((column) => column.flexible)
  const whole = used.reduce((sum, at) => sum + (widths[at] as number), GAP.length * (used.length - 1))
  if (width !== undefined && flexible !== -1 && whole > width) {
    widths[flexible] = Math.max(LEAST, (widths[flexible] as number) - (whole - width))
  }
  const lineOf = (row: readonly string[]): string =>
    used
      .filter((at) => widths[at] !== 0)
      .map((at) => {
        const text = row[at] ?? ''
        const cell = at === flexible ? truncateMiddle(text, widths[at] as number) : text
        return columns[at]?.align === 'right'
          ? padStart(cell, widths[at] as number)
          : padEnd(cell, widths[at] as number)
      })
      .join(GAP)
      .trimEnd()
  if (columns[flexible]?.flexible !== 'apart') return rows.map(lineOf)
  const room = widths[flexible] as number
  const lengths = rows.map((row) => displayWidth(row[flexible] ?? ''))
  widths[flexible] = Math.max(0, ...lengths.filter((length) => length <= room))
  return rows.map((row, index) => {
    const text = row[flexible] ?? ''
    if ((lengths[index] as number) <= room) return lineOf(row)
    const rest = lineOf(row.map((cell, at) => (at === flexible ? '' : cell)))
    return flexible === used[0] ? `${text}\n${rest}` : `${rest}\n${INDENT}${text}`
  })
}
