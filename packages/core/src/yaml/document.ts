import type { Document, Node } from 'yaml'
import { ArtError, type ArtErrorCode } from '../error.ts'
import { parsePlainYaml, type YamlMap, type YamlValue } from './plain.ts'

/** Characters of a file that are read. */
export const MAX_YAML = 1 << 20
const MAX_DEPTH = 32
const STANDARD_TAG = /^tag:yaml\.org,2002:(?:map|seq|str|int|float|bool|null)$/

/** What to call the file when it is wrong. */
export interface YamlSource {
  code: ArtErrorCode
  path?: string | undefined
}

/** Reads a map, loading the `yaml` package only where the plain subset does not do. */
export async function readYaml(text: string, source: YamlSource): Promise<YamlMap> {
  return (text.length <= MAX_YAML ? parsePlainYaml(text) : undefined) ?? toMap(await openYaml(text, source))
}

/**
 * Parses text of unknown origin for reading or editing. Aliases, anchors, tags, merge keys, duplicate and non-text keys, and
 * deep nesting are refused with the line they stand on; so is anything but a map (an empty file is an empty map).
 */
export async function openYaml(text: string, source: YamlSource): Promise<Document> {
  if (text.length > MAX_YAML) throw invalid(source, 'the file is larger than 1 MiB')
  const yaml = await import('yaml')
  try {
    return openWith(yaml, text, source)
  } catch (error) {
    if (error instanceof RangeError) throw invalid(source, 'nested too deeply')
    throw error
  }
}

function openWith(yaml: typeof import('yaml'), text: string, source: YamlSource): Document {
  const lines = new yaml.LineCounter()
  const lineOf = (offset: number | undefined) => (offset === undefined ? undefined : lines.linePos(offset).line)
  const document: Document = yaml.parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    // Its own check takes time quadratic in the number of keys.
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
  })
  const [problem] = [...document.errors, ...document.warnings]
  if (problem !== undefined) throw invalid(source, firstLine(problem.message), lineOf(problem.pos[0]))
  if (document.contents === null || (yaml.isScalar(document.contents) && document.contents.value === null)) {
    document.contents = new yaml.YAMLMap(document.schema)
  }
  if (!yaml.isMap(document.contents)) throw invalid(source, 'expected lines of the form `key: value`', 1)
  refuseUnsafe(yaml, document, (node, why) => invalid(source, why, lineOf(node.range?.[0])))
  return document
}

function refuseUnsafe(
  yaml: typeof import('yaml'),
  document: Document,
  refuse: (node: Node, why: string) => ArtError,
): void {
  yaml.visit(document, {
    Alias: (_, node) => {
      throw refuse(node, 'YAML aliases are not allowed')
    },
    Value: (_, node) => {
      if (node.anchor !== undefined) throw refuse(node, 'YAML anchors are not allowed')
      if (node.tag !== undefined && !STANDARD_TAG.test(node.tag)) throw refuse(node, 'YAML tags are not allowed')
    },
    Collection: (_, node, above) => {
      if (node.anchor !== undefined) throw refuse(node, 'YAML anchors are not allowed')
      if (node.tag !== undefined && !STANDARD_TAG.test(node.tag)) throw refuse(node, 'YAML tags are not allowed')
      if (above.length > MAX_DEPTH * 2) throw refuse(node, 'nested too deeply')
      if (!yaml.isMap(node)) return
      const seen = new Set<string>()
      for (const { key } of node.items) {
        if (!yaml.isScalar(key) || typeof key.value === 'object') throw refuse(node, 'keys must be plain text')
        const name = String(key.value)
        if (name === '<<' || name === '__proto__') throw refuse(key, `the key ${name} is not allowed`)
        if (seen.has(name)) throw refuse(key, `the key ${JSON.stringify(name)} stands there twice`)
        seen.add(name)
      }
    },
  })
}

/** Makes keys without a value, as in `models:`, sections that can be written to, on the way to a place. */
export function openSections(document: Document, place: readonly string[]): void {
  for (let depth = 1; depth < place.length; depth++) {
    const at = place.slice(0, depth)
    if (!document.hasIn(at) || document.getIn(at) !== null) continue
    const { comment } = (document.getIn(at, true) ?? {}) as { comment?: string | null }
    const [behind, ...below] = comment?.split('\n') ?? []
    const section = document.createNode({})
    document.setIn(at, Object.assign(section, { commentBefore: behind, comment: below.join('\n') || undefined }))
  }
}

/** Flow collections as `formatPlainYaml` writes them, so that what it wrote is not rewritten. */
export const YAML_OUTPUT = {
  lineWidth: 0,
  doubleQuotedAsJSON: true,
  blockQuote: false,
  flowCollectionPadding: false,
} as const

/** What a document says, as `readYaml` returns it. */
export function toMap(document: Document): YamlMap {
  return plainValue(document.toJS({ mapAsMap: true, maxAliasCount: 0 })) as YamlMap
}

/** Keys become text, and what JSON does not have becomes text too. */
function plainValue(value: unknown): YamlValue {
  if (value instanceof Map) return new Map([...value].map(([key, below]) => [String(key), plainValue(below)]))
  if (Array.isArray(value)) return value.map(plainValue)
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value
  return String(value)
}

function invalid(source: YamlSource, message: string, line?: number): ArtError {
  const where = line === undefined ? '' : ` in line ${line}`
  const path = source.path !== undefined && line !== undefined ? `${source.path}:${line}` : source.path
  const text = /call stack/.test(message) ? 'nested too deeply' : message
  return new ArtError(source.code, `invalid YAML${where}: ${text}`, {
    path,
    hint: 'Correct that line, or restore the file from git.',
  })
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!.replace(/ at line \d+, column \d+:?$/, '')
}
