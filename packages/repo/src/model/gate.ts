import { mayBeModel, START_BYTES } from '@art/checkpoint/format/start.ts'
import type { ScanReport } from '@art/checkpoint/scan/scan.ts'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import type { YamlMap } from '@art/core/yaml/plain.ts'
import type { Session } from '../workspace/session.ts'
import { allowedImports, isUnsafe } from './allow.ts'
import { cachedContent, type Content } from './content.ts'
import { membersOf } from './members.ts'

/** What keeps content from being committed. */
export interface UnsafeContent {
  path: string
  /** Names that it imports: `module.name`. */
  imports: string[]
}

export interface GateReport {
  unsafe: UnsafeContent[]
  /** Members of a directory that were left out, because they are too many for a hook. */
  skipped: number
}

/** Names that programs unpickle by: of a directory only these are read before each commit. */
const UNPICKLED = /\.(?:pth|pt|pt2|ptl|ckpt|pkl|pickle|joblib|dill|bin)$/i
const MEMBERS_MAX = 1000

/**
 * Is what a pointer names an unsafe pickle? What `add` found counts, where it read the content as a model; else the cached bytes are read, as
 * much of them as can be code. Names that the configuration allows do not count.
 */
export async function unsafeContent(session: Session, pointer: Pointer, path: string): Promise<GateReport> {
  const allow = allowedImports(session.repo.config).names
  if (pointer.kind === 'd') return await unsafeMembers(session, pointer, path, allow)
  const recorded = recordedImports(pointer.checkpoint)
  if (recorded !== undefined) {
    const imports = recorded.filter((full) => isUnsafe(full, allow))
    return imports.length === 0 ? NOTHING : { unsafe: [{ path, imports }], skipped: 0 }
  }
  const content = await cachedContent(session.cache, { oid: pointer.oid, size: pointer.size, name: path })
  const imports = content === undefined ? undefined : await unsafeImports(content, path, allow)
  return imports === undefined ? NOTHING : { unsafe: [{ path, imports }], skipped: 0 }
}

const NOTHING: GateReport = { unsafe: [], skipped: 0 }

/**
 * The dangerous imports that a pointer names: none where `add` read the content and found none. Undefined where the content has to be asked: there
 * is no block, or not all names have found room in it. Docs/formats.md, "Checkpoint block".
 */
function recordedImports(block: YamlMap | undefined): string[] | undefined {
  if (block === undefined) return undefined
  const scan = block.get('scan')
  if (scan !== 'unsafe') return typeof scan === 'string' || typeof block.get('format') === 'string' ? [] : undefined
  const names = block.get('unsafe_imports')
  const isWhole = Array.isArray(names) && names.length > 0 && names.every((name) => /^[^ ]+\.[^ ]+$/.test(String(name)))
  return isWhole ? names.map(String) : undefined
}

async function unsafeMembers(
  session: Session,
  pointer: Pointer,
  path: string,
  allow: readonly string[],
): Promise<GateReport> {
  const members = [...membersOf(session, pointer, path)].filter((member) => UNPICKLED.test(member.path))
  if (members.length > MEMBERS_MAX) return { unsafe: [], skipped: members.length }
  const unsafe: UnsafeContent[] = []
  for (const member of members) {
    const content = await member.open()
    const place = `${path}/${member.path}`
    const imports = content === undefined ? undefined : await unsafeImports(content, place, allow)
    if (imports !== undefined) unsafe.push({ path: place, imports })
  }
  return { unsafe, skipped: 0 }
}

/**
 * Most of what is tracked is data, and scanning it all would cost a commit of it seconds. Pickles of the oldest protocols and compressed ones are told by
 * names alone: text and compressed data begin like them.
 */
function mayBePickle(start: Uint8Array, path: string): boolean {
  return mayBeModel(start) || UNPICKLED.test(path.replace(/\.(?:gz|bz2|xz|zst|lz4|z)$/i, ''))
}

async function unsafeImports(
  { source, close }: Content,
  path: string,
  allow: readonly string[],
): Promise<string[] | undefined> {
  try {
    if (!mayBePickle(await source.read(0, Math.min(START_BYTES, source.size)), path)) return undefined
    const { scanFile } = await import('@art/checkpoint/scan/scan.ts')
    const report: ScanReport = await scanFile(source, { allow })
    if (report.verdict !== 'unsafe') return undefined
    const names = report.imports.filter(({ verdict }) => verdict === 'unsafe')
    return [...new Set(names.map(({ module, name }) => `${module}.${name}`))].sort()
  } finally {
    await close()
  }
}
