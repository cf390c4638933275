import { ArtError } from '@art/core'
import { isModelName } from '../tag/name.ts'
import { parseVersion } from '../version/version.ts'
import { MODELS_PAGE, releaseName } from './place.ts'

/** What art wrote of a release in `MODELS.md`: the lines from its first marker to its last one. */
export interface Block {
  model: string
  version: string
  /** First line, and the one behind the last. */
  from: number
  to: number
}

/** A line that begins a section, art's own ones too. */
export interface Heading {
  line: number
  level: number
  text: string
  /** It stands in a block of art's. */
  isOurs: boolean
}

export interface Page {
  /** Without their ends. */
  lines: readonly string[]
  /** With them, as they are in the file. */
  raw: readonly string[]
  eol: '\n' | '\r\n'
  blocks: readonly Block[]
  headings: readonly Heading[]
  /** Those of people. */
  byHand: readonly Heading[]
}

const MARKER = /^<!-- (\/)?art:release ([^@\s]+)@v(\S+) -->[ \t]*$/

export function openingMarker(model: string, version: string): string {
  return `<!-- art:release ${releaseName(model, version)} -->`
}

export function closingMarker(model: string, version: string): string {
  return `<!-- /art:release ${releaseName(model, version)} -->`
}

/** Reads `MODELS.md`. Fails with `CONFIG_INVALID`, naming the line, where markers are not in pairs: what is art's cannot be told then. */
export function parsePage(text: string): Page {
  const eol = /\r\n/.test(text) ? '\r\n' : '\n'
  const raw = text.split(/(?<=\n)/)
  const lines = raw.map((line) => line.replace(/\r?\n$/, ''))
  const blocks: Block[] = []
  const headings: Heading[] = []
  const seen = new Set<string>()
  let open: Omit<Block, 'to'> | undefined
  let fence: string | undefined
  for (const [line, content] of lines.entries()) {
    const [, closing, model, version] = MARKER.exec(content) ?? []
    if (model !== undefined) {
      if (version === undefined || !isModelName(model) || parseVersion(version) !== version)
        throw invalid(line, 'this marker names no release')
      const name = releaseName(model, version)
      if (closing === undefined) {
        if (open !== undefined)
          throw invalid(line, `the section of ${releaseName(open.model, open.version)} has no end`)
        if (seen.has(name)) throw invalid(line, `a second section of ${name}`)
        seen.add(name)
        open = { model, version, from: line }
        fence = undefined
      } else {
        if (open?.model !== model || open.version !== version) throw invalid(line, 'an end without its beginning')
        blocks.push({ ...open, to: line + 1 })
        open = undefined
        fence = undefined
      }
    } else if (/^(?:<{7}|>{7})(?: |$)/.test(content)) throw invalid(line, 'the file is in a merge conflict')
    else {
      const mark = /^ {0,3}(`{3,}|~{3,})/.exec(content)?.[1]
      if (mark !== undefined && (fence === undefined || mark.startsWith(fence)))
        fence = fence === undefined ? mark : undefined
      const level = fence === undefined ? /^ {0,3}(#{1,6})[ \t]/.exec(content)?.[1]?.length : undefined
      if (level !== undefined) headings.push({ line, level, text: titleOf(content), isOurs: open !== undefined })
    }
  }
  if (open !== undefined) throw invalid(open.from, 'this section has no end')
  return { lines, raw, eol, blocks, headings, byHand: headings.filter(({ isOurs }) => !isOurs) }
}

/** No longer than a name with a version can be: whoever wrote it, it costs no time. */
const MAX_TITLE = 300

function titleOf(content: string): string {
  return content
    .slice(0, MAX_TITLE)
    .replaceAll(/^[ #]+|[ \t#]+$/g, '')
    .trim()
}

function invalid(line: number, why: string): ArtError {
  return new ArtError('CONFIG_INVALID', `${MODELS_PAGE} cannot be read: ${why}`, {
    path: `${MODELS_PAGE}:${line + 1}`,
    hint: 'Correct the markers, or remove them with what is between them: `art models --fix` makes it again.',
  })
}
