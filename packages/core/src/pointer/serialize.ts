import { isDeepStrictEqual } from 'node:util'
import { openYaml, readYaml, YAML_OUTPUT } from '../yaml/document.ts'
import { formatPlainYaml, parsePlainYaml, type YamlMap, type YamlValue } from '../yaml/plain.ts'
import { type GivenKey, POINTER_VERSION, type Pointer, takeGiven } from './pointer.ts'

type Document = Awaited<ReturnType<typeof openYaml>>

const GIVEN_KEYS = ['metrics', 'meta', 'desc', 'labels'] as const satisfies GivenKey[]
const OWN_KEYS = ['art', 'path', 'kind', 'oid', 'size', 'files', 'executable', 'origin', 'checkpoint', ...GIVEN_KEYS]
const BY_HAND: ReadonlySet<string> = new Set(GIVEN_KEYS)

/**
 * The pointer file's text. Comments, keys that art does not know, and what people said of the artifact are taken over from `previousText`; metrics only
 * where the content is the same. An empty map, text or list takes away what was said.
 */
export async function serializePointer(pointer: Pointer, previousText?: string): Promise<string> {
  const plain = previousText === undefined ? new Map<string, YamlValue>() : ourLines(previousText)
  if (plain !== undefined) return formatPlainYaml(ownLines(pointer, plain))
  const document = await openYaml(previousText!, { code: 'POINTER_INVALID' })
  const previous = await readYaml(previousText!, { code: 'POINTER_INVALID' })
  const lines = ownLines(pointer, previous)
  const foreign = foreignKeys(previous)
  for (const key of OWN_KEYS) {
    const value = lines.get(key)
    const before = previous.get(key)
    if (value === undefined) {
      if (!foreign.has(key)) document.delete(key)
    } else if (isDeepStrictEqual(before, value)) {
      // What is the same stays as it is written, with comments in it and whatever only a YAML library can write.
    } else if (BY_HAND.has(key) && value instanceof Map && before instanceof Map && before.size > 0) {
      setEntries(document, key, before, value)
    } else document.set(key, value instanceof Map ? BLOCK : value)
  }
  // Maps are written as a new pointer has them, so that reading them still needs no YAML library.
  return document.toString(YAML_OUTPUT).replace(new RegExp(`^(\\w+): ${BLOCK}\n`, 'gm'), (line, key: string) => {
    const value = lines.get(key)
    return value === undefined ? line : formatPlainYaml(new Map([[key, value]]))
  })
}

const BLOCK = 'art-block'

/** What people write may be nested and commented: only entries that change are touched. */
function setEntries(document: Document, key: string, before: YamlMap, after: YamlMap): void {
  for (const name of before.keys()) if (!after.has(name)) document.deleteIn([key, name])
  for (const [name, value] of after) if (!isDeepStrictEqual(before.get(name), value)) document.setIn([key, name], value)
}

/** Keys that are called like art's own, and are somebody else's by their shape. */
function foreignKeys(map: YamlMap): Set<string> {
  const own: Pick<Pointer, GivenKey> = {}
  takeGiven(own, map)
  const foreign = new Set<string>(GIVEN_KEYS.filter((key) => map.has(key) && own[key] === undefined))
  if (map.has('origin') && !(map.get('origin') instanceof Map)) foreign.add('origin')
  return foreign
}

function ownLines(pointer: Pointer, previous: YamlMap): YamlMap {
  const lines: YamlMap = new Map<string, string | number>([
    ['art', POINTER_VERSION],
    ['path', pointer.path],
  ])
  if (pointer.kind === 'd') lines.set('kind', 'directory')
  lines.set('oid', `sha256:${pointer.oid}`)
  lines.set('size', pointer.size)
  if (pointer.files !== undefined) lines.set('files', pointer.files)
  if (pointer.executable) lines.set('executable', true)
  if (pointer.origin !== undefined) lines.set('origin', pointer.origin)
  if (pointer.checkpoint !== undefined) lines.set('checkpoint', pointer.checkpoint)
  const before: Pick<Pointer, GivenKey> = {}
  takeGiven(before, previous)
  if (previous.get('oid') !== lines.get('oid')) delete before.metrics
  for (const key of GIVEN_KEYS) {
    const value = pointer[key] ?? before[key]
    const isEmpty = value instanceof Map ? value.size === 0 : value === undefined || value.length === 0
    if (value !== undefined && !isEmpty) lines.set(key, value)
  }
  return lines
}

/** What a text says that art wrote; undefined where writing it anew would lose something. */
function ourLines(text: string): YamlMap | undefined {
  const map = parsePlainYaml(text)
  if (map === undefined || /^ *#/m.test(text) || /^\r?\n|\n\r?\n/.test(text)) return undefined
  return [...map.keys()].every((key) => OWN_KEYS.includes(key)) && foreignKeys(map).size === 0 ? map : undefined
}
