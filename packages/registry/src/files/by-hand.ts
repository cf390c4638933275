import { partitionPoint } from '@art/core/partition-point.ts'
import { letters } from './letters.ts'
import type { Heading, Page } from './page-blocks.ts'
import type { ReleaseRecord } from './record.ts'

/**
 * Finds the heading of a person's own section of a release: `SimpleCNN v1.0.0`, `simple_cnn 1.0.0 (baseline)`, or `v1.0.0` below `SimpleCNN`; undefined
 * where there is none. Headings are looked through once for any number of releases.
 */
export function headingsByHand({ byHand }: Page): (record: ReleaseRecord) => Heading | undefined {
  const told = new Map<string, { heading: Heading; at: number }[]>()
  const above: Heading[] = []
  for (const heading of byHand) {
    while (above.length > 0 && above.at(-1)!.level >= heading.level) above.pop()
    for (const { 0: numbers, index: at } of heading.text.matchAll(NUMBERS)) {
      const before = letters(heading.text.slice(0, at).replace(/(?:\bversion\s*|\bv|_v|@v)$/i, ''))
      const key = `${numbers} ${before === '' ? letters(above.at(-1)?.text ?? '') : before}`
      const same = told.get(key)
      if (same === undefined) told.set(key, [{ heading, at }])
      else same.push({ heading, at })
    }
    above.push(heading)
  }
  return ({ model, version, entry: { title = model } }) => {
    const numbers = /^[0-9.]+/.exec(version)?.[0]
    const found = [...new Set([model, title].map(letters))].flatMap((name) =>
      (told.get(`${numbers} ${name}`) ?? []).filter(({ heading: { text }, at }) => standsAt(text, at, version)),
    )
    return found.sort((a, b) => a.heading.line - b.heading.line)[0]?.heading
  }
}

/** The first three numbers of a version. */
const NUMBERS = /(?<![0-9.])[0-9]+\.[0-9]+\.[0-9]+(?![0-9])/g

/** Is it this very version, and no longer one? */
function standsAt(text: string, at: number, version: string): boolean {
  return text.startsWith(version, at) && !/^(?:[0-9]|[.+-][0-9A-Za-z])/.test(text.slice(at + version.length))
}

/** The line behind a section's last one that is not blank, sections below it included. */
export function endOfSection({ headings, lines }: Page, { line, level }: Heading): number {
  const next = headings.slice(countUntil(headings, line)).find((heading) => heading.level <= level)
  return beforeBlank(lines, line, next?.line)
}

/** The same without the sections below it. */
export function endOfText({ headings, lines }: Page, { line }: Heading): number {
  return beforeBlank(lines, line, headings[countUntil(headings, line)]?.line)
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

/** The last heading before a line. */
export function headingBefore({ headings }: Page, line: number): Heading | undefined {
  return headings[countUntil(headings, line - 1) - 1]
}

/** How many headings, which are in order, stand on a line or before it. */
function countUntil(headings: readonly Heading[], line: number): number {
  return partitionPoint(headings.length, (at) => headings[at]!.line <= line)
}
