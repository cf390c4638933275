import { ArtError, type ArtErrorCode } from '../error.ts'
import { isOid, type Kind, type Oid } from '../oid.ts'
import { readYaml } from '../yaml/document.ts'
import { parsePlainYaml, type YamlMap } from '../yaml/plain.ts'
import { dataPathFor, unsafeName } from './name.ts'

export const POINTER_VERSION = 1

/** Larger files are no pointers. */
export const MAX_POINTER_BYTES = 1 << 20

/** What git keeps in place of an artifact. */
export interface Pointer {
  /** The data's own name, one segment, beside the pointer. */
  path: string
  oid: Oid
  kind: Kind
  /** Bytes, of all files together. */
  size: number
  /** Of a directory. */
  files?: number
  executable?: true
  /** What art read from a model file, as plain data: see docs/formats.md. */
  checkpoint?: YamlMap
  /** Where a file comes from that `art export` has made of another: see docs/formats.md. */
  origin?: YamlMap
  /** What people say of this very content: numbers, or `nan`, `inf`, `-inf`. Of a stranger's pointer anything. */
  metrics?: YamlMap
  /** What people say of the artifact, whatever its content. */
  meta?: YamlMap
  desc?: string
  labels?: string[]
}

/** What `takeGiven` reads. */
export type GivenKey = 'metrics' | 'meta' | 'desc' | 'labels'

/** Where the text comes from. */
export interface PointerSource {
  /** The pointer file's path, `/`-separated; its name must fit the one inside. */
  path?: string | undefined
}

/** Fails with `POINTER_INVALID`, `POINTER_CONFLICT`, or `UNSUPPORTED` for a newer format; each names the path. */
export async function parsePointer(text: string, source: PointerSource = {}): Promise<Pointer> {
  const plain = parsePlainPointer(text, source)
  if (plain !== undefined) return plain
  if (/^(?:<{7}|>{7})(?: |\r?$)/m.test(text)) {
    throw new ArtError('POINTER_CONFLICT', 'the pointer is in a merge conflict', {
      path: source.path,
      hint: `Keep one side with \`git checkout --ours\` or \`--theirs\`, \`git add\` it, then run \`art checkout\`.`,
    })
  }
  return fromMap(await readYaml(text, { code: 'POINTER_INVALID', path: source.path }), source)
}

/** The same for text as art writes it; undefined for anything that needs a YAML library. */
export function parsePlainPointer(text: string, source: PointerSource = {}): Pointer | undefined {
  const map = text.length > MAX_POINTER_BYTES ? undefined : parsePlainYaml(text)
  return map === undefined ? undefined : fromMap(map, source)
}

function fromMap(map: YamlMap, source: PointerSource): Pointer {
  const wrong = (message: string, code: ArtErrorCode = 'POINTER_INVALID', hint?: string) =>
    new ArtError(code, message, {
      path: source.path,
      hint: hint ?? 'Restore the file with `git checkout -- <pointer>`, or write it again with `art add`.',
    })
  const version = map.get('art')
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    throw wrong('this is no pointer of art: it lacks the line `art: 1`')
  }
  if (version > POINTER_VERSION) {
    throw wrong(
      `the pointer has format ${version}, and this art knows ${POINTER_VERSION}`,
      'UNSUPPORTED',
      'Update art.',
    )
  }
  const path = map.get('path')
  if (typeof path !== 'string') throw wrong('the pointer has no `path` that is text')
  const unsafe = unsafeName(path)
  if (unsafe !== undefined) throw wrong(`the pointer's path ${JSON.stringify(path)} is refused: ${unsafe}`)
  checkOwnName(path, source, wrong)
  const oid = map.get('oid')
  const hex = typeof oid === 'string' && oid.startsWith('sha256:') ? oid.slice(7) : ''
  if (!isOid(hex)) throw wrong('the pointer has no `oid` of the form sha256:<64 hex digits>')
  const pointer: Pointer = { path, oid: hex, kind: kindOf(map, wrong), size: count(map, 'size', wrong) }
  if (pointer.kind === 'd') pointer.files = count(map, 'files', wrong)
  if (pointer.kind === 'f' && map.get('executable') === true) pointer.executable = true
  const origin = map.get('origin')
  if (origin instanceof Map) pointer.origin = origin
  const checkpoint = map.get('checkpoint')
  if (checkpoint instanceof Map) pointer.checkpoint = checkpoint
  takeGiven(pointer, map)
  return pointer
}

/** A key of another shape than these is somebody's own, and is left alone. */
export function takeGiven(pointer: Pick<Pointer, GivenKey>, map: YamlMap): void {
  const [metrics, meta, desc, labels] = ['metrics', 'meta', 'desc', 'labels'].map((key) => map.get(key))
  if (metrics instanceof Map) pointer.metrics = metrics
  if (meta instanceof Map) pointer.meta = meta
  if (typeof desc === 'string') pointer.desc = desc
  if (Array.isArray(labels) && labels.every((label) => typeof label === 'string')) pointer.labels = labels
}

type Wrong = (message: string, code?: ArtErrorCode, hint?: string) => ArtError

/** A pointer that was renamed by hand would claim data that another pointer may claim too. */
function checkOwnName(path: string, source: PointerSource, wrong: Wrong): void {
  if (source.path === undefined) return
  const own = dataPathFor(source.path.slice(source.path.lastIndexOf('/') + 1))
  if (own === path || own.normalize() === path.normalize()) return
  throw wrong(
    `the pointer says path: ${JSON.stringify(path)}, but its own name stands for ${JSON.stringify(own)}`,
    'POINTER_INVALID',
    'Rename artifacts with `art mv`, or write the new name into the pointer.',
  )
}

function kindOf(map: YamlMap, wrong: Wrong): Kind {
  const kind = map.get('kind')
  if (kind === undefined || kind === 'file') return 'f'
  if (kind === 'directory') return 'd'
  throw wrong('the pointer has an unknown `kind`', 'UNSUPPORTED', 'Update art.')
}

function count(map: YamlMap, key: string, wrong: Wrong): number {
  const value = map.get(key)
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw wrong(`the pointer has no \`${key}\` that is a whole number`)
}
