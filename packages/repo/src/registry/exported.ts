import { statSync } from 'node:fs'
import type { CallOptions } from '@art/core'
import { present } from '@art/checkpoint/present.ts'
import { parsePointer, type Pointer } from '@art/core/pointer/pointer.ts'
import type { ReleaseRecord } from '@art/registry/files/record.ts'
import { formatMoment } from '@art/registry/time/moment.ts'
import { type Origin, originOf } from '../export/origin.ts'
import { filesAt } from '../git/files-at.ts'
import { runGit } from '../git/run.ts'
import type { Repo } from '../open.ts'
import type { HistoryEvent } from '../stage-api.ts'
import { type Artifact, findPointers } from '../target/find.ts'
import type { Registry } from './open.ts'

/** A version of a pointer, and the commit that brought it; none where the workspace alone has it. */
interface Seen {
  path: string
  pointer: Pointer
  /** Milliseconds since 1970. */
  date: number
  commit?: string
  by: string | null
}

/**
 * What was exported of a model: artifacts that are here, in each of the versions that HEAD's history has, whose pointers name a release of it, or the
 * content of one. Once each, as of the first commit that has it. The newest first.
 */
export async function exportsOf(
  repo: Repo,
  registry: Registry,
  { model, releases }: { model: string; releases: readonly ReleaseRecord[] },
  { at = Number.POSITIVE_INFINITY, signal }: CallOptions & { at?: number | undefined },
): Promise<HistoryEvent[]> {
  const versions = new Map(releases.map(({ oid, version }) => [`sha256:${oid}`, version]))
  const versionOf = ({ release, oid }: Origin): string | undefined => {
    const word = release === undefined ? undefined : registry.parseTag(release)
    if (word?.kind === 'version') return word.model === model ? word.version : undefined
    return oid === undefined ? undefined : versions.get(oid)
  }
  const { artifacts } = await findPointers(repo)
  const products = artifacts.filter(({ pointer }) => pointer.origin !== undefined)
  const first = new Map<string, HistoryEvent>()
  for (const { path, pointer, date, commit, by } of await seenVersions(repo, products, signal)) {
    const origin = originOf(pointer)
    const version = origin && versionOf(origin)
    if (origin === undefined || version === undefined || date > at) continue
    const { oid } = pointer
    const event = {
      kind: 'exported' as const,
      date: formatMoment(date),
      by,
      version,
      path,
      oid,
      export: toldBy(origin),
    }
    first.set(JSON.stringify([path, oid, version]), commit === undefined ? event : { ...event, commit })
  }
  return [...first.values()].sort((a, b) => (a.date > b.date ? -1 : 1))
}

function toldBy({
  format,
  opset,
  torch,
  exporter,
  comparedWith,
  maxAbsDiff,
}: Origin): NonNullable<HistoryEvent['export']> {
  return present<NonNullable<HistoryEvent['export']>>({ format, opset, torch, exporter, comparedWith, maxAbsDiff })
}

/** The newest first, so that of equal ones the oldest is met last. */
async function seenVersions(
  repo: Repo,
  products: readonly Artifact[],
  signal: AbortSignal | undefined,
): Promise<Seen[]> {
  const committed = await commitsOf(
    repo,
    products.map(({ pointerPath }) => pointerPath),
    signal,
  )
  const texts = await filesAt(repo, committed, { signal })
  const byPointer = new Map(products.map((artifact) => [artifact.pointerPath, artifact]))
  const seen: Seen[] = []
  for (const { pointerPath, path, pointer, absolutePointer, pointerText } of products) {
    const last = committed.findIndex((one) => one.path === pointerPath)
    if (last !== -1 && texts[last] === pointerText) continue
    seen.push({ path, pointer, date: Math.floor(statSync(absolutePointer).mtimeMs / 1000) * 1000, by: null })
  }
  for (const [at, { commit, path, date, by }] of committed.entries()) {
    const text = texts[at]
    const pointer = text === undefined ? undefined : await parsePointer(text, { path }).catch(() => undefined)
    if (pointer !== undefined) seen.push({ path: byPointer.get(path)!.path, pointer, date, commit, by })
  }
  return seen
}

/** The commits of HEAD's history that changed some files, for each of these; the newest first. */
async function commitsOf(
  repo: Repo,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ commit: string; path: string; date: number; by: string }[]> {
  if (paths.length === 0) return []
  const asked = new Set(paths)
  const listing = [
    '-c',
    'core.quotePath=off',
    '--literal-pathspecs',
    'log',
    '--name-only',
    '--no-renames',
    '--relative',
  ]
  const shown = ['--diff-filter=AM', '--format=%x00%H %ct %cn <%ce>', 'HEAD', '--']
  const { code, stdout } = await runGit(repo, [...listing, ...shown, ...paths], { codes: [0, 128], signal })
  if (code !== 0) return []
  return stdout
    .toString('utf8')
    .split('\0')
    .flatMap((part) => {
      const [head = '', ...names] = part.split('\n')
      const [, commit, seconds, by] = /^([0-9a-f]+) (\d+) (.*)$/.exec(head) ?? []
      if (commit === undefined) return []
      const common = { commit, date: Number(seconds) * 1000, by: by! }
      return names.filter((name) => asked.has(name)).map((path) => ({ ...common, path }))
    })
}
