import { isDeepStrictEqual } from 'node:util'
import { openYaml, readYaml, YAML_OUTPUT } from '../yaml/document.ts'
import { formatPlainYaml, parsePlainYaml, type YamlMap } from '../yaml/plain.ts'
import { POINTER_VERSION, type Pointer } from './pointer.ts'

const OWN_KEYS = ['art', 'path', 'kind', 'oid', 'size', 'files', 'executable', 'origin', 'checkpoint']

/** The pointer file's text. Comments and keys that art does not know are taken over from `previousText`. */
export async function serializePointer(pointer: Pointer, previousText?: string): Promise<string> {
  const lines = ownLines(pointer)
  if (previousText === undefined || isOurs(previousText)) return formatPlainYaml(lines)
  const document = await openYaml(previousText, { code: 'POINTER_INVALID' })
  const previous = await readYaml(previousText, { code: 'POINTER_INVALID' })
  for (const key of OWN_KEYS) {
    const value = lines.get(key)
    if (value === undefined) {
      if (!isForeign(key, previous)) document.delete(key)
    }
    // A block that is the same stays as it is written, with comments in it and whatever only a YAML library can write.
    else if (!isDeepStrictEqual(previous.get(key), value)) document.set(key, value instanceof Map ? BLOCK : value)
  }
  // Maps are written as a new pointer has them, so that reading them still needs no YAML library.
  return document.toString(YAML_OUTPUT).replace(new RegExp(`^(\\w+): ${BLOCK}\n`, 'gm'), (line, key: string) => {
    const value = lines.get(key)
    return value === undefined ? line : formatPlainYaml(new Map([[key, value]]))
  })
}

const BLOCK = 'art-block'

function ownLines(pointer: Pointer): YamlMap {
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
  return lines
}

/** Nothing in it that writing it anew would lose. */
function isOurs(text: string): boolean {
  const map = parsePlainYaml(text)
  if (map === undefined || /^ *#/m.test(text) || /^\r?\n|\n\r?\n/.test(text)) return false
  return [...map.keys()].every((key) => OWN_KEYS.includes(key) && !isForeign(key, map))
}

/** A key that is called like art's own, and is somebody else's by its shape. */
function isForeign(key: string, map: YamlMap): boolean {
  return key === 'origin' && map.has(key) && !(map.get(key) instanceof Map)
}
