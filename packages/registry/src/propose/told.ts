import type { YamlMap } from '@art/core/yaml/plain.ts'
import { ifReadable } from '../files/if-readable.ts'
import { letters } from '../files/letters.ts'
import { parsePage } from '../files/page-blocks.ts'
import { parseRegistry } from '../files/registry-json.ts'

/** What people have written of a model before, in files of their own. */
export interface Told {
  title?: string
  dataset?: string
  task?: string
  author?: string
  notes?: string
}

const KEYS: Readonly<Record<keyof Told, readonly string[]>> = {
  title: ['title', 'display_name', 'name', 'model_name', 'model'],
  dataset: ['dataset', 'dataset_name', 'data'],
  task: ['task'],
  author: ['author', 'created_by'],
  notes: ['notes', 'description'],
}

/** Collects what several sources tell, by model; the first one that knows something wins. */
export class Hints {
  readonly #byName = new Map<string, Told & { from: string[] }>()

  /** Facts under the keys that people use, from a file. */
  note(names: readonly string[], facts: ReadonlyMap<string, unknown>, from: string): void {
    const told: Told = {}
    for (const [key, keys] of Object.entries(KEYS) as [keyof Told, readonly string[]][]) {
      const value = keys.map((one) => textOf(facts.get(one))).find((text) => text !== undefined)
      if (value !== undefined) told[key] = value
    }
    for (const name of new Set(names.map(letters))) {
      if (name === '') continue
      const known = this.#byName.get(name) ?? { from: [] }
      const isNew = (Object.keys(told) as (keyof Told)[]).some((key) => known[key] === undefined)
      this.#byName.set(name, { ...told, ...known, from: isNew ? [...known.from, from] : known.from })
    }
  }

  /** A title that says no more than the name is none. */
  of(name: string): Told & { from: readonly string[] } {
    const { title, ...told } = this.#byName.get(letters(name)) ?? { from: [] }
    return title === undefined || title === name ? told : { title, ...told }
  }
}

/** `models/registry.json`, whoever wrote it; nothing where it cannot be read. */
export function noteRegistry(hints: Hints, text: string, from: string): void {
  for (const { values } of ifReadable(() => parseRegistry(text).entries) ?? [])
    hints.note(namesIn(values), values, from)
}

/** A metadata file of a version. */
export function noteMetadata(hints: Hints, map: YamlMap, from: string): void {
  hints.note(namesIn(map), map, from)
}

const LINE =
  /^\s*(?:[-*+]\s+|\|\s*)?[*_]*(?<key>[A-Za-z ]{2,30}?)[*_]*\s*[:|]\s*[*_]*\s*(?<value>[^|]{1,200}?)\s*\|?\s*$/

/** Sections of `MODELS.md`: a heading with a name, and perhaps a version, and lines such as `- **Dataset**: CIFAR-10`. */
export function notePage(hints: Hints, text: string, from: string): void {
  const page = ifReadable(() => parsePage(text))
  for (const [at, heading] of page?.headings.entries() ?? []) {
    const title = heading.text
      .replaceAll(/[`*]/g, '')
      .replace(/[\s@(_-]*\bv?\d+\.\d+.*$/, '')
      .trim()
    const facts = factsIn(page!.lines.slice(heading.line + 1, page!.headings[at + 1]?.line))
    if (facts.size > 0) hints.note([title], new Map([['title', title], ...facts]), from)
  }
}

/** What lines such as `- **Dataset**: CIFAR-10` say, by keys in small letters. */
export function factsIn(lines: readonly string[]): Map<string, string> {
  const facts = new Map<string, string>()
  for (const line of lines) {
    const { key, value } = LINE.exec(line.slice(0, 300))?.groups ?? {}
    if (key !== undefined) facts.set(key.trim().toLowerCase(), value!)
  }
  return facts
}

function namesIn(facts: ReadonlyMap<string, unknown>): string[] {
  return ['name', 'model', 'model_name', 'title'].flatMap((key) => textOf(facts.get(key)) ?? [])
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' || value.length > 500 ? undefined : value.trim()
  const name: unknown = value instanceof Map ? value.get('name') : (value as { name?: unknown } | undefined)?.name
  return typeof name === 'string' && name.trim() !== '' ? name.trim() : undefined
}
