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
 * mark, spaces in braces; lines that say the same are as they were. `blockQuote` as of `YAML_OUTPUT`.
 */
export async function editedYaml(
  document: Document,
  before: string,
  { blockQuote = true }: { blockQuote?: boolean } = {},
): Promise<string> {
  const text = document.toString({
    ...YAML_OUTPUT,
    blockQuote,
    indent: indentOf(before),
    indentSeq: !/^( *)[^\s#-][^\n]*:[ \t]*\r?\n\1- /m.test(before),
    flowCollectionPadding: /\{ /.test(before),
  })
  const written = linesAsBefore(text.split('\n'), before.replace(/^\ufeff/, '').split(/\r?\n/)).join('\n')
  const kept = (await isSame(written, text)) ? written : text
  const bom = before.startsWith('\ufeff') ? '\ufeff' : ''
  return bom + (/^[^\n]*\r\n/.test(before) ? kept.replaceAll('\n', '\r\n') : kept)
}

/** Of the first line below a key, two where there is none. */
function indentOf(text: string): number {
  const below = /^[^\s#][^\n]*:[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*( +)[^\s#]/m.exec(text)?.[1]
  return below?.length ?? 2
}

function linesAsBefore(lines: readonly string[], old: readonly string[]): string[] {
  const made: string[] = []
  let from = 0
  for (let at = 0; at < lines.length; ) {
    if (lines[at]!.trim() === '') {
      made.push('')
      // Blank lines stay as many as they were, but at the end, where each line has one line end.
      while (from + 1 < old.length && old[from]!.trim() === '' && old[from + 1]!.trim() === '') {
        made.push('')
        from++
      }
      if (old[from]?.trim() === '') from++
      at++
      continue
    }
    const found = foundIn(lines, at, old, from)
    if (found === undefined) made.push(lines[at++]!)
    else {
      made.push(...old.slice(found.start, found.end))
      from = found.end
      at += found.lines
    }
  }
  return made
}

/** The next old lines that say what the lines at a place say: white space apart, their text is equal. */
function foundIn(
  lines: readonly string[],
  at: number,
  old: readonly string[],
  from: number,
): { start: number; end: number; lines: number } | undefined {
  const wanted = [bare(lines[at]!), bare(lines[at]! + (lines[at + 1] ?? ''))]
  for (let start = from; start < Math.min(old.length, from + WINDOW); start++) {
    let joined = ''
    for (let end = start + 1; end <= Math.min(old.length, start + JOINED); end++) {
      joined += bare(old[end - 1]!)
      if (end === start + 1 && joined === '') break
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
