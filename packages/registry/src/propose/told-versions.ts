import { readYaml } from '@art/core/yaml/document.ts'
import type { YamlMap } from '@art/core/yaml/plain.ts'
import { ifReadable } from '../files/if-readable.ts'
import { letters } from '../files/letters.ts'
import type { CurrentFiles } from '../files/make-files.ts'
import { parsePage } from '../files/page-blocks.ts'
import { MODELS_PAGE, REGISTRY_FILE } from '../files/place.ts'
import { parseRegistry } from '../files/registry-json.ts'
import { compareVersions, parseVersion, type Version } from '../version/version.ts'
import { type NamedVersion, namedVersion, versionOfFile } from './named-version.ts'
import { factsIn } from './told.ts'

/** A version of a model that people have told of in a file of theirs. */
export interface ToldVersion {
  /** As they wrote it. */
  text: string
  /** Undefined for what has a number, and is no version: whether another is above it nobody can tell. */
  version: Version | undefined
  /** The file that says so. */
  from: string
}

/** Whom they are told of. */
export interface ToldModel {
  name: string
  title?: string
  path: string
}

/**
 * Every version of a model that its files tell of, however they name it: entries of `models/registry.json`, headings and tables of `MODELS.md`, metadata
 * files, and `paths` of files with a version in their names. What cannot be read tells nothing.
 */
export async function toldVersions(
  model: ToldModel,
  { registry, page, metadata }: CurrentFiles,
  paths: readonly string[],
): Promise<ToldVersion[]> {
  const names = new Set([model.name, model.title ?? model.name].map(letters))
  const isMeant: IsMeant = (name) => names.has(letters(name))
  const told = [
    ...(registry === undefined ? [] : inRegistry(registry, isMeant, model.path)),
    ...(page === undefined ? [] : inPage(page, isMeant)),
    ...(await inMetadata(metadata, isMeant)),
    ...paths.flatMap((path) => inNames([versionOfFile(path)], isMeant).map((text) => ({ text, from: path }))),
  ]
  return told
    .filter(({ text }) => /\d/.test(text))
    .map(({ text, from }) => ({ text: shown(text), version: wholeVersion(text), from }))
}

/** The highest that can be read, and one that cannot. */
export function summedUp(told: readonly ToldVersion[]): { highest?: ToldVersion; unclear?: ToldVersion } {
  const sorted = told
    .filter(({ version }) => version !== undefined)
    .toSorted((a, b) => compareVersions(a.version!, b.version!))
  const [highest, unclear] = [sorted.at(-1), told.find(({ version }) => version === undefined)]
  return { ...(highest && { highest }), ...(unclear && { unclear }) }
}

const SHOWN = 100

function shown(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}

type IsMeant = (name: string) => boolean
type Told = Omit<ToldVersion, 'version'>

/** `v2.3` is 2.3.0: what is above the one is above the other. A date is no version, nor is what only begins like one, or what nothing can be above. */
function wholeVersion(text: string): Version | undefined {
  if (/\d{16}/.test(text)) return undefined
  const short = /^v?(\d{1,4})(?:\.(\d{1,4}))?$/i.exec(text)
  return parseVersion(short === null ? text.replace(/^V/, 'v') : `${short[1]}.${short[2] ?? 0}.0`)
}

function inRegistry(text: string, isMeant: IsMeant, path: string): Told[] {
  const entries = ifReadable(() => parseRegistry(text).entries) ?? []
  return entries.flatMap(({ values }) =>
    versionsIn(values, isMeant, path).map((one) => ({ text: one, from: REGISTRY_FILE })),
  )
}

async function inMetadata(metadata: ReadonlyMap<string, string>, isMeant: IsMeant): Promise<Told[]> {
  const told: Told[] = []
  for (const [path, text] of metadata) {
    const named = versionOfFile(path.replace(/_metadata\.yaml$/, ''))
    const found =
      named === undefined
        ? versionsIn(await readYaml(text, { code: 'CONFIG_INVALID', path }).catch((): YamlMap => new Map()), isMeant)
        : inNames([named], isMeant)
    told.push(...found.map((one) => ({ text: one, from: path })))
  }
  return told
}

/** Of an entry that is of the model by one of its names, or by its path. */
function versionsIn(values: ReadonlyMap<string, unknown>, isMeant: IsMeant, path?: string): string[] {
  const text = (key: string): string => {
    const value = values.get(key)
    return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 300) : ''
  }
  const split = ['id', 'name', 'model', 'model_name', 'title'].map((key) => namedVersion(text(key)))
  const file = text('path') === '' ? undefined : versionOfFile(text('path'))
  const isOf =
    split.some(({ name }) => isMeant(name)) || (file !== undefined && isMeant(file.name)) || text('path') === path
  if (!isOf) return []
  const version = values.get('version')
  // Of 1.1 nobody can tell whether 1.10 was meant.
  if (typeof version === 'number' && !Number.isInteger(version)) return [`${version} (a number)`]
  if (/\d/.test(text('version'))) return [text('version').trim()]
  return [...split, file].flatMap((one) => one?.version ?? []).slice(0, 1)
}

function inPage(text: string, isMeant: IsMeant): Told[] {
  const page = ifReadable(() => parsePage(text.replace(/^\ufeff/, '')))
  if (page === undefined) return []
  const found: string[] = []
  const above: { level: number; name: string }[] = []
  for (const [at, heading] of page.byHand.entries()) {
    while (above.length > 0 && above.at(-1)!.level >= heading.level) above.pop()
    const { name, version } = namedVersion(heading.text.replaceAll(/[`*]/g, ''))
    const whose = letters(name.replace(/\b(?:version|release)\s*$/i, '')) === '' ? (above.at(-1)?.name ?? '') : name
    above.push({ level: heading.level, name: whose })
    if (!isMeant(whose)) continue
    const own = page.lines.slice(heading.line + 1, page.byHand[at + 1]?.line)
    found.push(version ?? factsIn(own).get('version') ?? '')
  }
  for (const line of page.lines)
    if (line.trimStart().startsWith('|')) found.push(...inRow(line.slice(0, 2000), isMeant))
  return found.map((one) => ({ text: one, from: MODELS_PAGE }))
}

/** `| ResNet | 2.3.0 | 0.91 |`, or `| ResNet v2.3.0 | 0.91 |`. */
function inRow(line: string, isMeant: IsMeant): string[] {
  const cells = line.split('|').map((cell) => cell.replaceAll(/[`*]/g, '').trim())
  const split = cells.map(namedVersion)
  if (!split.some(({ name }) => isMeant(name))) return []
  const own = inNames(split, isMeant)
  return own.length > 0
    ? own
    : cells.filter((cell) => /^(?:v\d+(?:\.\d+)*|\d+\.\d+\.\d+)(?:[-+]\S+)?$/i.test(cell)).slice(0, 1)
}

function inNames(named: readonly (NamedVersion | undefined)[], isMeant: IsMeant): string[] {
  return named.flatMap((one) => (one?.version !== undefined && isMeant(one.name) ? [one.version] : []))
}
