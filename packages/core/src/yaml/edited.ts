import { isDeepStrictEqual } from 'node:util'
import type { Document } from 'yaml'
import { ArtError } from '../error.ts'
import { MAX_YAML, openYaml, readYaml, toMap, YAML_OUTPUT } from './document.ts'
import { linesAsBefore, linesOf } from './lines-as-before.ts'
import { splicedYaml } from './spliced.ts'

const SOURCE = { code: 'CONFIG_INVALID' } as const

/**
 * The text of a document that was read from `before` and changed since, as the person writes who wrote that: what says the same stays as it was, byte for
 * byte, and what is new has the indentation, line ends and spaces in braces of the rest. Fails with `CONFIG_INVALID`
 * where art could not read it again.
 */
export async function editedYaml(document: Document, before: string): Promise<string> {
  const bare = before.replace(/^\ufeff/, '')
  const bom = before.slice(0, before.length - bare.length)
  const options = {
    ...YAML_OUTPUT,
    blockQuote: true,
    indent: indentOf(bare),
    indentSeq: !/^( *)[^\s#-][^\n]*:[ \t]*\r?\n\1- /m.test(bare),
    flowCollectionPadding: /\{ /.test(bare),
  }
  let text = document.toString(options)
  if (text.length > MAX_YAML) throw tooLarge()
  // As folded lines the library writes what is not read back: a single space.
  if (!isDeepStrictEqual(await readYaml(text, SOURCE), toMap(document))) {
    text = document.toString({ ...options, blockQuote: false })
  }
  const was = (await openYaml(before, SOURCE)).toString(options)
  if (text === was) return before
  const end = /^[^\n]*\r\n/.test(before) ? '\r\n' : '\n'
  const old = bare + (/(?:^|\n)$/.test(bare) ? '' : end)
  const made = bom + (await asBefore(text.replace(/\n?$/, '\n'), was, old, end))
  if (made.length > MAX_YAML) throw tooLarge()
  return made
}

function tooLarge(): ArtError {
  return new ArtError('CONFIG_INVALID', 'with this change the file would be larger than 1 MiB', {
    hint: 'Shorten what stands in it.',
  })
}

/** The first of what keeps most that says the same. */
async function asBefore(text: string, was: string, old: string, end: string): Promise<string> {
  const written = text.replaceAll('\n', end)
  const spliced = await splicedYaml(text, was, old, end)
  if (await isSame(spliced, text)) return spliced
  const lines = linesAsBefore(linesOf(written), linesOf(old)).join('')
  return (await isSame(lines, text)) ? lines : written
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

/** Are the values equal, and all comments there? */
async function isSame(text: string, other: string): Promise<boolean> {
  try {
    if (comments(text) !== comments(other)) return false
    return isDeepStrictEqual(await readYaml(text, SOURCE), await readYaml(other, SOURCE))
  } catch (error) {
    if (error instanceof ArtError) return false
    throw error
  }
}

function comments(text: string): number {
  return text.match(/(?:^|[ \t])#/gm)?.length ?? 0
}
