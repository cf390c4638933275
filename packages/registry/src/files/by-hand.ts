import type { Heading, Page } from './page-blocks.ts'
import type { ReleaseRecord } from './record.ts'

/**
 * The heading of a person's own section of a release: `SimpleCNN v1.0.0`, `simple_cnn 1.0.0 (baseline)`, or `v1.0.0` below `SimpleCNN`. undefined
 * where there is none.
 */
export function headingByHand({ byHand }: Page, record: ReleaseRecord): Heading | undefined {
  const names = new Set([record.model, record.entry.title ?? record.model].map(letters))
  return byHand.find((heading, at) => {
    const before = textBefore(heading.text, record.version)
    if (before === undefined) return false
    if (before !== '') return names.has(before)
    const above = byHand.slice(0, at).findLast(({ level }) => level < heading.level)
    return above !== undefined && names.has(letters(above.text))
  })
}

/** The line behind a section's last one that is not blank, sections below it included. */
export function endOfSection({ headings, lines }: Page, { line, level }: Heading): number {
  const next = headings.find((heading) => heading.line > line && heading.level <= level)
  return beforeBlank(lines, line, next?.line)
}

/** The same without the sections below it. */
export function endOfText({ headings, lines }: Page, { line }: Heading): number {
  return beforeBlank(lines, line, headings.find((heading) => heading.line > line)?.line)
}

function beforeBlank(lines: readonly string[], from: number, to = lines.length): number {
  let end = to
  while (end > from + 1 && isEdge(lines[end - 1]!)) end--
  return end
}

/** A marker before a heading belongs to the section of that. */
function isEdge(line: string): boolean {
  return line.trim() === '' || line.startsWith('<!-- art:release ')
}

/** Of a heading with this very version, what stands before it, letters and digits alone. */
function textBefore(text: string, version: string): string | undefined {
  for (let at = text.indexOf(version); at !== -1; at = text.indexOf(version, at + 1)) {
    const before = text.slice(0, at)
    if (/[0-9.]$/.test(before) || /^(?:[0-9]|[.+-][0-9A-Za-z])/.test(text.slice(at + version.length))) continue
    return letters(before.replace(/(?:\bversion\s*|\bv|_v|@v)$/i, ''))
  }
  return undefined
}

function letters(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
}
