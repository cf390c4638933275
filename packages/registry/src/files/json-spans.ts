/** A value in a JSON text: where it begins and, exclusively, ends, in UTF-16 units. */
export interface Span {
  start: number
  end: number
}

/** A member of an object, with where its key begins. */
export interface Member extends Span {
  key: string
  keyStart: number
}

const SPACE = new Set([' ', '\n', '\r', '\t'])

/** Members of the object that begins at `start`. The text must be valid JSON: `JSON.parse` takes it. */
export function membersAt(text: string, start: number): Member[] {
  const found: Member[] = []
  for (let at = skipSpace(text, start + 1); text[at] !== '}'; ) {
    const keyEnd = endOfString(text, at)
    const value = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const end = endOfValue(text, value)
    found.push({ key: JSON.parse(text.slice(at, keyEnd)) as string, keyStart: at, start: value, end })
    at = behindComma(text, end)
  }
  return found
}

/** Elements of the array that begins at `start`, of valid JSON. */
export function elementsAt(text: string, start: number): Span[] {
  const found: Span[] = []
  for (let at = skipSpace(text, start + 1); text[at] !== ']'; ) {
    const end = endOfValue(text, at)
    found.push({ start: at, end })
    at = behindComma(text, end)
  }
  return found
}

export function skipSpace(text: string, at: number): number {
  let next = at
  while (SPACE.has(text[next]!)) next++
  return next
}

/** Where the next value begins, or its collection ends. */
function behindComma(text: string, end: number): number {
  const at = skipSpace(text, end)
  return text[at] === ',' ? skipSpace(text, at + 1) : at
}

/** Where the value that begins at `start` ends; deep nesting costs no stack. */
export function endOfValue(text: string, start: number): number {
  if (text[start] === '"') return endOfString(text, start)
  if (text[start] !== '{' && text[start] !== '[') {
    let at = start
    while (at < text.length && !/[\s,:\]}]/.test(text[at]!)) at++
    return at
  }
  let depth = 0
  for (let at = start; ; at++) {
    const character = text[at]
    if (character === '"') at = endOfString(text, at) - 1
    else if (character === '{' || character === '[') depth++
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1
  }
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}
