/** What a header may hold of Python's literals. */
export type Literal = string | number | boolean | null | Sequence | Dict

export interface Sequence {
  readonly kind: 'tuple' | 'list'
  readonly items: readonly Literal[]
}

export interface Dict {
  readonly kind: 'dict'
  readonly entries: ReadonlyMap<string, Literal>
}

const DEPTH_MAX = 64
const TOKEN = /\s*(?:([[\](){},:])|('(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*")|(-?[0-9]+)L?|([A-Za-z]+)|$)/y
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['True', true],
  ['False', false],
  ['None', null],
])
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([\\'"nrt]))/y

type Token =
  | { kind: 'mark'; mark: string }
  | { kind: 'value'; value: string | number | boolean | null }
  | { kind: 'end' }

/**
 * Reads a literal as Python's `ast.literal_eval` does, and nothing else: no expression, no call. Integers may end in `L`, as Python 2 wrote
 * them. Keys of a dict are strings, each once. `fail` makes the error of what is wrong.
 */
export function parseLiteral(text: string, fail: (what: string) => Error): Literal {
  let at = 0
  let token = next()

  function next(): Token {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (match === null) throw fail(`its header is no Python literal at character ${at}`)
    at = TOKEN.lastIndex
    const [, mark, string, integer, word] = match
    if (mark !== undefined) return { kind: 'mark', mark }
    if (string !== undefined) return { kind: 'value', value: unescape(string.slice(1, -1), fail) }
    if (integer !== undefined) return { kind: 'value', value: Number(integer) }
    if (word === undefined) return { kind: 'end' }
    const constant = WORDS.get(word)
    if (constant === undefined) throw fail(`its header holds ${word}, which is no literal`)
    return { kind: 'value', value: constant }
  }

  function isMark(mark: string): boolean {
    return token.kind === 'mark' && token.mark === mark
  }

  function skip(mark: string): void {
    if (!isMark(mark)) throw fail(`there is no ${mark} at character ${at} of its header`)
    token = next()
  }

  /** Between the brackets, with a comma behind the last or without; says whether there was one. */
  function list(open: string, close: string, onItem: () => void): boolean {
    skip(open)
    let endsInComma = false
    while (!isMark(close)) {
      onItem()
      endsInComma = isMark(',')
      if (!endsInComma) break
      skip(',')
    }
    skip(close)
    return endsInComma
  }

  function value(depth: number): Literal {
    if (depth > DEPTH_MAX) throw fail('its header is nested too deep')
    if (token.kind === 'value') {
      const plain = token.value
      token = next()
      return plain
    }
    if (isMark('{')) return dict(depth)
    const items: Literal[] = []
    const push = (): number => items.push(value(depth + 1))
    if (isMark('[')) {
      list('[', ']', push)
      return { kind: 'list', items }
    }
    const endsInComma = list('(', ')', push)
    // Brackets around one value are no tuple.
    return items.length === 1 && !endsInComma ? items[0]! : { kind: 'tuple', items }
  }

  function dict(depth: number): Literal {
    const entries = new Map<string, Literal>()
    list('{', '}', () => {
      const key = value(depth + 1)
      if (typeof key !== 'string' || entries.has(key))
        throw fail('its header has a key that is no string, or occurs twice')
      skip(':')
      entries.set(key, value(depth + 1))
    })
    return { kind: 'dict', entries }
  }

  const whole = value(0)
  if (token.kind !== 'end') throw fail(`something follows at character ${at} of its header`)
  return whole
}

function unescape(text: string, fail: (what: string) => Error): string {
  return text.replaceAll(/\\[^]?[0-9a-fA-F]{0,4}/g, (whole) => {
    ESCAPE.lastIndex = 0
    const match = ESCAPE.exec(whole)
    if (match === null) throw fail('a string of its header holds an unknown escape')
    const [escape, byte, unit, letter] = match
    const character =
      letter === undefined ? String.fromCharCode(Number.parseInt((byte ?? unit)!, 16)) : LETTERS[letter]!
    return character + whole.slice(escape.length)
  })
}

const LETTERS: Record<string, string> = { '\\': '\\', "'": "'", '"': '"', n: '\n', r: '\r', t: '\t' }
