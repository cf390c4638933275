import { compareVersions } from '../version/version.ts'
import { endOfSection, endOfText, headingBefore, headingsByHand } from './by-hand.ts'
import { type Block, closingMarker, type Heading, openingMarker, type Page, parsePage } from './page-blocks.ts'
import { releaseName } from './place.ts'
import type { ReleaseRecord } from './record.ts'
import { sectionHeading, sectionLines } from './release-section.ts'
import type { FileProblem, IsGone, Rendered } from './render-registry.ts'

const NEW = `# Models

<!-- art writes what stands between lines such as "art:release"; write before, between and after these sections. -->
`

/**
 * `MODELS.md` with a section for each release between markers, those of a model together, the newest first. What people wrote around them stays
 * byte for byte. Where they have a section of a release themselves, art's lines come at the end of its text. Fails with `CONFIG_INVALID`.
 */
export function renderPage(records: readonly ReleaseRecord[], previous: string | undefined, isGone: IsGone): Rendered {
  if (previous === undefined && records.length === 0) return { text: '', problems: [] }
  const { text, problems } = renderOnce(records, previous ?? NEW, isGone)
  let made = text
  // A section that came between a person's heading and art's lines takes these away from it.
  for (let again = problems.length > 0, pass = 1; again && pass < MOST_PASSES; pass++) {
    const next = renderOnce(records, made, isGone)
    again = next.problems.length > 0
    made = next.text
  }
  return { text: problems.length === 0 && previous !== undefined ? previous : made, problems }
}

const MOST_PASSES = 8

function renderOnce(records: readonly ReleaseRecord[], previous: string, isGone: IsGone): Rendered {
  const page = parsePage(previous)
  const byHand = headingsByHand(page)
  const all = new Map(records.map((record) => [releaseName(record.model, record.version), record]))
  const missing = new Map(all)
  const problems: FileProblem[] = []
  /** Lines that are put in before a line of the page. */
  const inserted = new Map<number, string[][]>()
  const replaced = new Map<Block, readonly string[]>()
  /** The heading of the person's own section that a block stands in. */
  const ownOf: OwnOf = ({ model, version, from }) => {
    const record = all.get(releaseName(model, version))
    const heading = record && byHand(record)
    return heading !== undefined && headingBefore(page, from) === heading ? heading : undefined
  }
  for (const block of page.blocks) {
    const name = releaseName(block.model, block.version)
    const record = all.get(name)
    missing.delete(name)
    const is = page.lines.slice(block.from, block.to)
    if (record === undefined) {
      if (!isGone(block.model, block.version)) continue
      problems.push({ kind: 'gone', release: name, message: 'it has a section, and no tag' })
      replaced.set(block, [])
      continue
    }
    const should = blockLines(record, ownOf(block) !== undefined)
    if (should.join('\n') === is.map((line) => line.trimEnd()).join('\n')) continue
    problems.push({ kind: 'wrong', release: name, message: wrongText(is, should) })
    replaced.set(block, should)
  }
  for (const record of [...missing.values()].sort(inOrder)) {
    problems.push({ kind: 'missing', release: releaseName(record.model, record.version), message: 'it has no section' })
    const heading = byHand(record)
    const at = heading === undefined ? placeFor(page, record, ownOf) : endOfText(page, heading)
    const there = inserted.get(at) ?? []
    const lines = blockLines(record, heading !== undefined)
    if (heading === undefined) there.push(lines)
    else there.unshift(lines)
    inserted.set(at, there)
  }
  if (problems.length === 0) return { text: previous, problems }
  return { text: assemble(page, inserted, replaced), problems }
}

function blockLines(record: ReleaseRecord, isInOwn: boolean): string[] {
  const { model, version } = record
  return [
    openingMarker(model, version),
    ...(isInOwn ? [] : [sectionHeading(record), '']),
    ...sectionLines(record),
    closingMarker(model, version),
  ]
}

/** Models by their names, of each the newest version first. */
function inOrder(a: ReleaseRecord, b: ReleaseRecord): number {
  return a.model === b.model ? compareVersions(b.version, a.version) : a.model < b.model ? -1 : 1
}

/** Before the first section of an older version; else behind those of its model; else where its model comes by name. */
function placeFor(page: Page, { model, version }: ReleaseRecord, ownOf: OwnOf): number {
  const same = page.blocks.filter((block) => block.model === model)
  const older = same.find((block) => compareVersions(block.version, version) < 0)
  const next = older ?? (same.length > 0 ? undefined : page.blocks.find((block) => block.model > model))
  if (next !== undefined) return ownOf(next)?.line ?? next.from
  const last = same.at(-1)
  if (last === undefined) return endOf(page.lines)
  const own = ownOf(last)
  const heading = own ?? page.headings.find(({ line }) => line > last.from && line < last.to)
  return heading === undefined ? last.to : endOfSection(page, heading)
}

type OwnOf = (block: Block) => Heading | undefined

/** Behind the last line that is not blank. */
function endOf(lines: readonly string[]): number {
  return lines.findLastIndex((line) => line.trim() !== '') + 1
}

function assemble(
  { lines, raw, eol, blocks }: Page,
  inserted: ReadonlyMap<number, readonly string[][]>,
  replaced: ReadonlyMap<Block, readonly string[]>,
): string {
  // A text that grows would be copied whole each time that its end is looked at.
  const pieces: string[] = []
  const put = (line: string): void => {
    const last = pieces.at(-1)
    if (last !== undefined && !last.endsWith('\n')) pieces.push(eol)
    pieces.push(line)
  }
  const isAfterBlank = (): boolean => pieces.length === 0 || pieces.at(-1)!.trim() === ''
  const isBlank = (line: number): boolean => lines[line]?.trim() === ''
  const starts = new Map(blocks.map((block) => [block.from, block]))
  for (let at = 0; at <= raw.length; at++) {
    for (const block of inserted.get(at) ?? []) {
      if (!isAfterBlank()) put(eol)
      put(`${block.join(eol)}${eol}`)
      if (at < raw.length && raw[at] !== '' && !isBlank(at)) put(eol)
    }
    const block = starts.get(at)
    const should = block && replaced.get(block)
    if (block === undefined || should === undefined) {
      const line = raw[at]
      if (line) put(line)
    } else {
      at = block.to - 1
      if (should.length > 0) put(`${should.join(eol)}${eol}`)
      // The blank line behind what is taken out went with it.
      else if (isBlank(at + 1) && !inserted.has(at + 1)) at++
    }
  }
  return pieces.join('')
}

function wrongText(is: readonly string[], should: readonly string[]): string {
  const at = should.findIndex((line, index) => line !== is[index]?.trimEnd())
  const line = is[at === -1 ? should.length : at]
  return line === undefined ? 'its section lacks lines' : `its section says ${shorten(line)}`
}

function shorten(text: string): string {
  return JSON.stringify(text.length <= 60 ? text : `${text.slice(0, 59)}…`)
}
