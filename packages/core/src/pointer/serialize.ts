import { openYaml, YAML_OUTPUT } from '../yaml/document.ts'
import { formatScalar, parsePlainYaml } from '../yaml/plain.ts'
import { POINTER_VERSION, type Pointer } from './pointer.ts'

const OWN_KEYS = ['art', 'path', 'kind', 'oid', 'size', 'files', 'executable'] as const
type OwnKey = (typeof OWN_KEYS)[number]

/** The pointer file's text. Comments and keys that art does not know are taken over from `previousText`. */
export async function serializePointer(pointer: Pointer, previousText?: string): Promise<string> {
  const lines = ownLines(pointer)
  if (previousText === undefined || isOurs(previousText)) {
    return [...lines].map(([key, value]) => `${key}: ${formatScalar(value)}\n`).join('')
  }
  const document = await openYaml(previousText, { code: 'POINTER_INVALID' })
  for (const key of OWN_KEYS) {
    const value = lines.get(key)
    if (value === undefined) document.delete(key)
    else document.set(key, value)
  }
  return document.toString(YAML_OUTPUT)
}

function ownLines(pointer: Pointer): Map<OwnKey, string | number | boolean> {
  const lines = new Map<OwnKey, string | number | boolean>([
    ['art', POINTER_VERSION],
    ['path', pointer.path],
  ])
  if (pointer.kind === 'd') lines.set('kind', 'directory')
  lines.set('oid', `sha256:${pointer.oid}`)
  lines.set('size', pointer.size)
  if (pointer.files !== undefined) lines.set('files', pointer.files)
  if (pointer.executable) lines.set('executable', true)
  return lines
}

/** Nothing in it that writing it anew would lose. */
function isOurs(text: string): boolean {
  const map = parsePlainYaml(text)
  if (map === undefined || /^ *#/m.test(text) || /^\r?\n|\n\r?\n/.test(text)) return false
  return [...map.keys()].every((key) => OWN_KEYS.includes(key as OwnKey))
}
