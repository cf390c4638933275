import { ArtError } from '@art/core'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import { formatPlainYaml, type YamlMap, type YamlValue } from '@art/core/yaml/plain.ts'
import { BLOCK_BYTES, BLOCK_KEYS } from '@art/checkpoint/facts/bounds.ts'
import type { FactsToGive, MadeFacts } from '../api.ts'

/** Names of the metrics that no longer hold. */
export type Dropped = string[]

/**
 * Puts into a pointer what people say, on top of what its previous version says; metrics of another content go, and those of what is made anew are
 * `made.metrics` alone. Fails with `USAGE` where people say more than a pointer takes: 64 facts and 4 KB, as for the block that art writes.
 */
export function giveFacts(
  pointer: Pointer,
  before: Pointer | undefined,
  given: FactsToGive | undefined,
  made?: MadeFacts,
): Dropped {
  const isSame = before !== undefined && before.oid === pointer.oid && before.kind === pointer.kind
  const { metrics: old, meta, desc, labels } = before ?? {}
  const held = made?.metrics ?? (isSame ? old : undefined)
  if (held !== undefined) pointer.metrics = held
  if (meta !== undefined) pointer.meta = meta
  if (desc !== undefined) pointer.desc = desc
  if (labels !== undefined) pointer.labels = labels
  if (given !== undefined) {
    if (given.metrics !== undefined) pointer.metrics = merged(pointer.metrics, given.metrics)
    if (given.meta !== undefined) pointer.meta = merged(pointer.meta, given.meta)
    if (given.desc !== undefined) pointer.desc = given.desc
    if (given.labels !== undefined) pointer.labels = labelled(pointer.labels ?? [], given.labels)
    assertFits(pointer)
  }
  return [...(old?.keys() ?? [])].filter((name) => held?.has(name) !== true)
}

function merged(before: YamlMap | undefined, entries: Readonly<Record<string, YamlValue>>): YamlMap {
  const map: YamlMap = new Map(before)
  for (const [key, value] of Object.entries(entries)) {
    if (value === null) map.delete(key)
    else map.set(key, value)
  }
  return map
}

/** `-name` takes one away. */
function labelled(before: readonly string[], words: readonly string[]): string[] {
  const labels = new Set(before)
  for (const word of words) {
    if (word.startsWith('-')) labels.delete(word.slice(1))
    else labels.add(word)
  }
  return [...labels]
}

/** Fails with `USAGE`. */
export function assertFits({ metrics, meta, desc, labels = [] }: Partial<Pointer>): void {
  const lines: YamlMap = new Map()
  if (metrics !== undefined) lines.set('metrics', metrics)
  if (meta !== undefined) lines.set('meta', meta)
  if (desc !== undefined) lines.set('desc', desc)
  if (labels.length > 0) lines.set('labels', labels)
  const count = (metrics?.size ?? 0) + (meta?.size ?? 0) + labels.length + (desc === undefined ? 0 : 1)
  const bytes = Buffer.byteLength(formatPlainYaml(lines))
  if (count <= BLOCK_KEYS && bytes <= BLOCK_BYTES) return
  throw new ArtError(
    'USAGE',
    `${count} facts in ${bytes} bytes are too many: a pointer takes ${BLOCK_KEYS} of people's in ${BLOCK_BYTES} bytes`,
    { hint: 'Give fewer, or keep them in a file beside it.' },
  )
}
