import { displayWidth } from './width.ts'

/** A space at which no line is broken, between a name and its value: `wrap` makes a space of it. */
export const JOIN = '\u00a0'

/** Lines of at most `width` cells, broken between words; a longer word has a line to itself. Without a width one line. */
export function wrap(text: string, width: number | undefined): string[] {
  if (width === undefined) return [text.replaceAll(JOIN, ' ')]
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.length - 1
    const joined = lines[last] === '' ? word : `${lines[last]} ${word}`
    if (displayWidth(joined) <= width || lines[last] === '') lines[last] = joined
    else lines.push(word)
  }
  return lines.map((line) => line.replaceAll(JOIN, ' '))
}
