import { isDeepStrictEqual } from 'node:util'
import { ArtError } from '@art/core'
import { elementsAt, type Member, membersAt, type Span, skipSpace } from './json-spans.ts'
import { valueText } from './entry-text.ts'
import { REGISTRY_FILE } from './place.ts'
import type { Json } from './registry-entry.ts'

/** An entry of `models/registry.json` as it stands there. */
export interface FoundEntry extends Span {
  /** Found each time that it is asked for: of most entries nobody does. */
  readonly members: readonly Member[]
  values: ReadonlyMap<string, unknown>
}

export interface FoundRegistry {
  text: string
  /** Where the list of models is; undefined where the file has none. */
  list: Span | undefined
  /** Elements of the list; those that are no objects have no members. */
  entries: readonly FoundEntry[]
}

/** Reads `models/registry.json`, whoever wrote it. Fails with `CONFIG_INVALID` for what is no `{"models": […]}`. */
export function parseRegistry(text: string): FoundRegistry {
  const root = parse(text)
  if (!isObject(root)) throw invalid('it must be an object with a list `models`')
  const members = membersAt(text, skipSpace(text, text.startsWith('\ufeff') ? 1 : 0))
  const list = members.findLast(({ key }) => key === 'models')
  if (list === undefined) return { text, list: undefined, entries: [] }
  if (text[list.start] !== '[') throw invalid('`models` must be a list')
  const values = root['models'] as readonly unknown[]
  const entries = elementsAt(text, list.start).map((span, at) => entryAt(text, span, values[at]))
  return { text, list, entries }
}

function entryAt(text: string, { start, end }: Span, value: unknown): FoundEntry {
  const found = isObject(value)
  return {
    start,
    end,
    get members() {
      return found ? membersAt(text, start) : []
    },
    values: new Map(found ? Object.entries(value) : []),
  }
}

/** Did art write it? Entries of people lack one of these. */
export function isOwnEntry({ values }: FoundEntry): boolean {
  return typeof values.get('tag') === 'string' && /^sha256:[0-9a-f]{64}$/.test(String(values.get('oid')))
}

/** What people write of a version by themselves; in an entry of theirs it stays as it is. */
const BY_HAND = new Set('id name version title path created dataset task'.split(' '))

/**
 * The keys of an entry whose values are not these. An entry that has an id of its own was a person's before there was a tag: how it calls things
 * stays, and an accuracy may be in percent.
 */
export function wrongKeys({ values }: FoundEntry, own: ReadonlyMap<string, Json>): string[] {
  const isAdopted = values.has('id') && values.get('id') !== own.get('id')
  return [...own].flatMap(([key, value]) => {
    const found = values.get(key)
    if (isAdopted && found !== undefined && BY_HAND.has(key)) return []
    if (isAdopted && key === 'accuracy' && isPercent(found, value)) return []
    return isDeepStrictEqual(found, JSON.parse(valueText(value))) ? [] : [key]
  })
}

function isPercent(found: unknown, value: Json): boolean {
  return typeof found === 'number' && typeof value === 'number' && Math.abs(found - value * 100) < 1e-6
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    const conflict = /^(?:<{7}|>{7})(?: |\r?$)/m.test(text)
    throw invalid(
      conflict ? 'it is in a merge conflict' : `it is no JSON: ${(error as Error).message.split('\n', 1)[0]}`,
    )
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(why: string): ArtError {
  return new ArtError('CONFIG_INVALID', `the registry cannot be read: ${why}`, {
    path: REGISTRY_FILE,
    hint: 'Correct it, or restore it from git; entries that art wrote are made again by `art models --fix`.',
  })
}
