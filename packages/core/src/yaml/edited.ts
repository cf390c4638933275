import { isDeepStrictEqual } from 'node:util'
import type { Document } from 'yaml'
import { ArtError } from '../error.ts'
import { readYaml, YAML_OUTPUT } from './document.ts'

/** How far from the last line that was found the next one is looked for. */
const WINDOW = 40
/** Lines that the library may join, or part: texts over several lines, a comment behind a key. */
const JOINED = 4

/**
 * The text of a document that was read from `before` and changed since, as the person writes who wrote that: indentation, line ends, a byte order
 * mark, spaces in braces; lines that say the same are as they were.
 */
export async function editedYaml(document: Document, before: string): Promise<string> {
  const old = before.replace(/^\ufeff/, '')
  const text = document.toString({
    ...YAML_OUTPUT,
    blockQuote: true,
    indent: indentOf(old),
    indentSeq: !/^( *)[^\s#-][^\n]*:[ \t]*\r?\n\1- /m.test(old),
    flowCollectionPadding: /\{ /.test(old),
  })
  const written = linesAsBefore(text.split('\n'), old.split(/\r?\n/)).join('\n')
  const kept = (await isSame(written, text)) ? written : text
  const bom = before.slice(0, before.length - old.length)
  return bom + (/^[^\n]*\r\n/.test(old) ? kept.replaceAll('\n', '\r\n') : kept)
}

/** Of the first line below a key, two where there is none. By lines: one pattern for all would take quadratic time for a line with many colons. */
function indentOf(text: string): number {
  const lines = text.split('\n').filter((line) => !/^\s*(?:#|$)/.test(line))
  const isKey = (line: string): boolean =>
    /^\S/.test(line) &&
    line
      .replace(/\s#.*$/, '')
      .trimEnd()
      .endsWith(':')
  const below = lines.find((line, at) => at > 0 && line.startsWith(' ') && isKey(lines[at - 1]!))
  return below === undefined ? 2 : below.length - below.trimStart().length
}

function linesAsBefore(lines: readonly string[], old: readonly string[]): string[] {
  const [bareLines, bareOld] = [lines.map(bare), old.map(bare)]
  const made: string[] = []
  let from = 0
  for (let at = 0; at < lines.length; ) {
    if (bareLines[at] === '') {
      made.push('')
      // Blank lines stay as many as they were, but at the end, where each line has one line end.
      while (bareOld[from] === '' && bareOld[from + 1] === '') {
        made.push('')
        from++
      }
      if (bareOld[from] === '') from++
      at++
      continue
    }
    const found = foundIn([bareLines[at]!, bareLines[at]! + (bareLines[at + 1] ?? '')], bareOld, from)
    if (found === undefined) made.push(lines[at++]!)
    else {
      made.push(...old.slice(found.start, found.end))
      from = found.end
      at += found.lines
    }
  }
  return made
}

/** The next old lines that say what a line says, or that line and its next one: white space apart, their text is equal. */
function foundIn(
  wanted: readonly [one: string, two: string],
  bareOld: readonly string[],
  from: number,
): { start: number; end: number; lines: number } | undefined {
  for (let start = from; start < Math.min(bareOld.length, from + WINDOW); start++) {
    if (bareOld[start] === '') continue
    let joined = ''
    for (let end = start + 1; end <= Math.min(bareOld.length, start + JOINED); end++) {
      joined += bareOld[end - 1]!
      const which = wanted.indexOf(joined)
      if (which !== -1) return { start, end, lines: which + 1 }
    }
  }
  return undefined
}

function bare(line: string): string {
  return line.replaceAll(/\s+/g, '')
}

async function isSame(text: string, other: string): Promise<boolean> {
  const source = { code: 'CONFIG_INVALID' } as const
  try {
    return isDeepStrictEqual(await readYaml(text, source), await readYaml(other, source))
  } catch (error) {
    if (error instanceof ArtError) return false
    throw error
  }
}
