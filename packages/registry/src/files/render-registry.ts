import { compareVersions } from '../version/version.ts'
import { ifReadable } from './if-readable.ts'
import { releaseName } from './place.ts'
import type { ReleaseRecord } from './record.ts'
import { corrected, entryText, type Style, wrongText } from './entry-text.ts'
import { matchEntries, whoseEntry } from './match-entries.ts'
import { registryEntry } from './registry-entry.ts'
import { type FoundEntry, isOwnEntry, parseRegistry, wrongKeys } from './registry-json.ts'
import { commandForStatus } from './status.ts'

/** Whether what art wrote of a release that has no tag here is to be taken out. */
export type IsGone = (model: string, version: string) => boolean

/** What does not agree, in words. */
export interface FileProblem {
  /** `missing`: the file tells nothing of the release. `gone`: it tells of one that is none. */
  kind: 'missing' | 'wrong' | 'gone'
  /** `simple_cnn@v1.0.0`; undefined for the file as a whole. */
  release?: string
  message: string
  /** The command that makes true what a person had written there and no tag says. */
  keep?: string
}

export interface Rendered {
  text: string
  problems: FileProblem[]
}

const NEW = '{\n  "models": []\n}\n'

/**
 * `models/registry.json` with an entry for each release. Of a file that is there everything stays as it is, byte for byte, but values of entries of
 * releases that are not right, entries that are missing, and entries of art's for releases that are gone. Fails with `CONFIG_INVALID`.
 */
export function renderRegistry(
  records: readonly ReleaseRecord[],
  previous: string | undefined,
  isGone: IsGone,
): Rendered {
  if (previous === undefined && records.length === 0) return { text: '', problems: [] }
  const found = parseRegistry(previous ?? NEW)
  const { text, list } = found.list === undefined ? withList(found.text) : { ...found, list: found.list }
  const matched = matchEntries(found.entries, records)
  const names = new Set(records.map(({ model, version }) => releaseName(model, version)))
  const problems: FileProblem[] = []
  const style = styleOf(text, list.start, found.entries)
  const parts: Part[] = []
  for (const entry of found.entries) {
    const raw = text.slice(entry.start, entry.end)
    const record = matched.get(entry)
    if (record === undefined) {
      const release = whoseEntry(entry)
      const name = release && releaseName(release.model, release.version)
      if (name !== undefined && names.has(name))
        problems.push({ kind: 'wrong', release: name, message: 'it has a second entry' })
      else if (release !== undefined && isGone(release.model, release.version))
        problems.push({ kind: 'gone', release: name!, message: 'it has an entry, and no tag' })
      else parts.push({ text: raw, record: undefined })
      continue
    }
    const own = registryEntry(record)
    const wrong = wrongKeys(entry, own)
    if (wrong.length > 0)
      problems.push({
        kind: 'wrong',
        release: releaseName(record.model, record.version),
        message: wrongText(entry, own, wrong),
        ...keptBy(entry, record),
      })
    parts.push({ text: wrong.length === 0 ? raw : corrected(text, entry, own, wrong), record })
  }
  const there = new Set(matched.values())
  for (const record of records) {
    if (there.has(record)) continue
    problems.push({ kind: 'missing', release: releaseName(record.model, record.version), message: 'it has no entry' })
    parts.splice(placeFor(record, parts), 0, { text: entryText(registryEntry(record), style), record })
  }
  if (problems.length === 0) return { text: previous ?? text, problems }
  const body = parts.map((part) => style.before + part.text).join(',')
  const made = parts.length === 0 ? '[]' : `[${body}${style.after}]`
  return { text: text.slice(0, list.start) + made + text.slice(list.end), problems }
}

/**
 * The text without entries that are nobody's release and that art did not write: it has the same problems, and may be looked at many times. What cannot be read
 * stays as it is.
 */
export function releasesAlone(records: readonly ReleaseRecord[], text: string): string {
  const found = ifReadable(() => parseRegistry(text))
  if (found?.list === undefined) return text
  const { list, entries } = found
  const matched = matchEntries(entries, records)
  const own = entries.filter((entry) => matched.has(entry) || whoseEntry(entry) !== undefined)
  const body = own.map(({ start, end }) => text.slice(start, end)).join(',')
  return `${text.slice(0, list.start)}[${body}]${text.slice(list.end)}`
}

/** Of an entry that a person wrote: what art writes itself follows the tags without a word. */
function keptBy(entry: FoundEntry, record: ReleaseRecord): Pick<FileProblem, 'keep'> {
  const keep = isOwnEntry(entry) ? undefined : commandForStatus(entry.values.get('status'), record)
  return keep === undefined ? {} : { keep }
}

interface Part {
  text: string
  record: ReleaseRecord | undefined
}

/** Behind the versions of the model that are lower, before those that are higher; a new model comes last. */
function placeFor({ model, version }: ReleaseRecord, parts: readonly Part[]): number {
  const lower = parts.findLastIndex(
    ({ record }) => record?.model === model && compareVersions(record.version, version) < 0,
  )
  if (lower !== -1) return lower + 1
  const higher = parts.findIndex(({ record }) => record?.model === model)
  return higher === -1 ? parts.length : higher
}

/** As the file's entries are written; of a file with none, as its lines are. */
function styleOf(text: string, start: number, entries: readonly FoundEntry[]): Style {
  const [first, last] = [entries[0], entries.at(-1)]
  if (first === undefined) {
    const line = /\r\n/.test(text) ? '\r\n' : '\n'
    const unit = /\n([ \t]+)[^\n]*$/.exec(text.slice(0, start))?.[1] ?? '  '
    return { before: `${line}${unit}${unit}`, after: `${line}${unit}`, member: `${line}${unit}${unit}${unit}` }
  }
  const before = text.slice(start + 1, first.start)
  const after = /^\s*/.exec(text.slice(last!.end))![0]
  // Members are looked for as they are asked for, and there may be a hundred thousand entries.
  const written = entries.find(({ values }) => values.size > 0)
  const space = written && text.slice(written.start + 1, written.members[0]!.keyStart)
  const inLines = space === undefined ? undefined : /^\r?\n[ \t]*$/.exec(space)?.[0]
  // Where each entry has one line, those of a list that is in lines tell how far in the next step is.
  const unit = after.includes('\n') && before.startsWith(after) ? before.slice(after.length) : ''
  return { before, after, member: inLines ?? before + (unit || '  ') }
}

function withList(text: string): { text: string; list: { start: number; end: number } } {
  const end = text.lastIndexOf('}')
  const head = text.slice(0, end).trimEnd()
  const start = `${head}${head.endsWith('{') ? '' : ','}\n  "models": `
  return { text: `${start}[]\n${text.slice(end)}`, list: { start: start.length, end: start.length + 2 } }
}
