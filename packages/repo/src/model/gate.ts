import { mayBeModel, START_BYTES } from '@art/checkpoint/format/start.ts'
import type { ScanReport } from '@art/checkpoint/scan/scan.ts'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import type { YamlMap } from '@art/core/yaml/plain.ts'
import type { Session } from '../workspace/session.ts'
import { allowedImports, isUnsafe } from './allow.ts'
import { cachedContent, type Content } from './content.ts'
import { membersOf } from './members.ts'
import { ownVerdict } from './own-verdict.ts'
import type { RemoteContents } from './remote.ts'

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
 * Is what a pointer names an unsafe pickle? The cached bytes are read, as much of them as can be code, unless a table that this machine made of them
 * says that they were scanned; those of a remote where they are not here and one is given. What the pointer says counts only where there are none: a stranger may have written it. Names that the configuration allows do not count.
 */
export async function unsafeContent(
  session: Session,
  pointer: Pointer,
  path: string,
  remote?: RemoteContents,
): Promise<GateReport> {
  const allow = allowedImports(session.repo.config).names
  if (pointer.kind === 'd') return await unsafeMembers(session, pointer, path, allow)
  const verdict = await ownVerdict(session.cache.layout, pointer.oid)
  if (verdict !== undefined && verdict !== 'unsafe') return NOTHING
  const content =
    (await cachedContent(session.cache, { oid: pointer.oid, size: pointer.size, name: path })) ??
    (await remote?.open(pointer, { path, name: path }))
  if (content !== undefined) {
    const imports = await unsafeImports(content, path, allow)
    return imports === undefined ? NOTHING : { unsafe: [{ path, imports }], skipped: 0 }
  }
  const imports = recordedImports(pointer.checkpoint).filter((full) => isUnsafe(full, allow))
  return imports.length === 0 ? NOTHING : { unsafe: [{ path, imports }], skipped: 0 }
}

const NOTHING: GateReport = { unsafe: [], skipped: 0 }

/** The dangerous imports that a pointer names, as far as they found room in it. Docs/formats.md, "Checkpoint block". */
function recordedImports(block: YamlMap | undefined): string[] {
  const names = block?.get('scan') === 'unsafe' ? block.get('unsafe_imports') : undefined
  return Array.isArray(names) ? names.map(String).filter((name) => /^[^ ]+\.[^ ]+$/.test(name)) : []
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
