import type { Node } from 'yaml'

/** Lines of a document from one key, or item of a list, to the next; or the blank lines and comments between these. */
export interface YamlPart {
  /** Unique, and the same in all documents of that structure. */
  place: string
  /** The place that this one is in. */
  above: string
  start: number
  end: number
  /** Columns before the key. */
  indent: number
}

/** A key, or an item of a list, that is the first of its line. */
export type YamlStart = Pick<YamlPart, 'place' | 'above' | 'start' | 'indent'>

/** Where keys and items stand that are the first of their line, in the order of the text; what is in braces or brackets has none of its own. */
export async function yamlStarts(text: string): Promise<YamlStart[]> {
  const { parseDocument, isMap, isScalar, isSeq, LineCounter } = await import('yaml')
  const lineCounter = new LineCounter()
  const { contents } = parseDocument(text, { uniqueKeys: false, lineCounter })
  const starts: YamlStart[] = []
  const put = (place: string, above: string, node: unknown, before: RegExp): void => {
    const at = (node as Node | null)?.range?.[0]
    if (at === undefined) return
    const { line } = lineCounter.linePos(at)
    const lead = text.slice(lineCounter.lineStarts[line - 1], at)
    if (before.test(lead)) starts.push({ place, above, start: line - 1, indent: /^ */.exec(lead)![0].length })
  }
  const walk = (node: unknown, above: string): void => {
    if (isMap(node) && !node.flow) {
      for (const { key, value } of node.items) {
        const place = `${above}/${JSON.stringify(isScalar(key) ? String(key.value) : null)}`
        put(place, above, key, /^ *(?:\? +)?$/)
        walk(value, place)
      }
    } else if (isSeq(node) && !node.flow) {
      for (const [at, item] of node.items.entries()) {
        put(`${above}/${at}`, above, item, /^ *-[ \t]*$/)
        walk(item, `${above}/${at}`)
      }
    }
  }
  walk(contents, '')
  return starts
}

/** All lines, divided at these places. */
export function yamlParts(lines: readonly string[], starts: readonly YamlStart[]): YamlPart[] {
  const parts: YamlPart[] = []
  const head = { place: '', above: '', start: 0, indent: 0 }
  for (const [at, one] of [head, ...starts].entries()) {
    const next = starts[at]
    const end = next?.start ?? lines.length
    let content = end
    while (content > one.start && /^\s*(?:#|$)/.test(lines[content - 1]!)) content--
    parts.push({ ...one, end: content })
    const place = `${next?.place ?? ''}^`
    parts.push({ place, above: next?.above ?? '', start: content, end, indent: next?.indent ?? 0 })
  }
  return parts
}
