/** Items of a list that are spelled at a time. */
const PIECE = 1000

/**
 * A document as `JSON.stringify(document, undefined, 2)` spells it, in pieces of up to 1,000 items of its lists: the text of a hundred
 * thousand tensors is never in memory whole.
 */
export function* jsonPieces(document: object): Generator<string> {
  let before = '{'
  for (const [key, value] of Object.entries(document) as [string, unknown][]) {
    if (value === undefined) continue
    yield `${before}\n  ${JSON.stringify(key)}: `
    before = ','
    if (Array.isArray(value) && value.length > PIECE) yield* listPieces(value)
    else yield indented(value, '  ')
  }
  yield before === '{' ? '{}' : '\n}'
}

function* listPieces(list: readonly unknown[]): Generator<string> {
  yield '['
  for (let from = 0; from < list.length; from += PIECE) {
    const items = list.slice(from, from + PIECE).map((item) => `\n    ${indented(item ?? null, '    ')}`)
    yield `${from === 0 ? '' : ','}${items.join(',')}`
  }
  yield '\n  ]'
}

/** No text in JSON holds a line break. */
function indented(value: unknown, indent: string): string {
  return JSON.stringify(value, undefined, 2).replaceAll('\n', `\n${indent}`)
}
