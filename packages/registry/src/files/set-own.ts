import { isDeepStrictEqual } from 'node:util'
import type { YamlMap, YamlValue } from '@art/core/yaml/plain.ts'
import type { openYaml } from '@art/core/yaml/document.ts'
import { needsQuotes } from './yaml-text.ts'

type Document = Awaited<ReturnType<typeof openYaml>>
type Key = readonly string[]

/** Sets values in a document that people may have written, where `found` has others; keys beside them, their order and comments stay. */
export function setOwn(document: Document, own: YamlMap, found: YamlMap, at: Key = []): void {
  for (const [key, value] of own) {
    const place = [...at, key]
    const old = found.get(key)
    if (isDeepStrictEqual(old, value)) continue
    if (value instanceof Map && old instanceof Map) setOwn(document, value, old, place)
    else if (!found.has(key)) addPair(document, at, key, value)
    else document.setIn(place, withComment(nodeOf(document, value), document.getIn(place, true)))
  }
}

function addPair(document: Document, at: Key, key: string, value: YamlValue): void {
  const pair = document.createPair(key, null)
  quoteWhereNeeded(pair.key)
  pair.value = nodeOf(document, value) as never
  const map: unknown = at.length === 0 ? document.contents : document.getIn(at, true)
  ;(map as { add(pair: unknown): void }).add(pair)
}

/** Texts are quoted where readers of YAML 1.1 would take them for something else. */
function nodeOf(document: Document, value: YamlValue): unknown {
  const node: unknown = document.createNode(value)
  quoteWhereNeeded(node)
  return node
}

/** What a person wrote behind the old value stays behind the new one. */
function withComment(node: unknown, old: unknown): unknown {
  const comment = (old as { comment?: string | null } | null)?.comment
  return comment ? Object.assign(node as object, { comment }) : node
}

function quoteWhereNeeded(node: unknown): void {
  if (typeof node !== 'object' || node === null) return
  const { value, items, key } = node as { value?: unknown; items?: readonly unknown[]; key?: unknown }
  if (typeof value === 'string') {
    if (needsQuotes(value)) Object.assign(node, { type: 'QUOTE_DOUBLE' })
    return
  }
  for (const part of [key, value, ...(items ?? [])]) quoteWhereNeeded(part)
}
