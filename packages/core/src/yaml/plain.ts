/** What art reads from YAML: no nulls in the plain subset, and lists of scalars only; all of JSON's shapes otherwise. */
export type YamlValue = string | number | boolean | null | YamlValue[] | YamlMap
export type YamlMap = Map<string, YamlValue>
type Scalar = string | number | boolean

const LINE = /^( *)(?:([A-Za-z_][A-Za-z0-9_.-]{0,127})|("(?:[^"\\]|\\.)*")):(?: (.*))?$/
const KEY = /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/
const COMMENT = /^ *#/
const NUMBER = /^(?:0|-?[1-9][0-9]{0,20})$|^-?(?:0|[1-9][0-9]{0,20})\.[0-9]{1,24}(?:[eE][-+]?[0-9]{1,3})?$/
const NOT_FINITE = new Map([
  ['.nan', Number.NaN],
  ['.inf', Number.POSITIVE_INFINITY],
  ['-.inf', Number.NEGATIVE_INFINITY],
])
/** Numbers of YAML's core schema, and other runs of digits and signs; hex digits alone, as in ids, are text. */
const LOOKS_NUMERIC = /^(?:[-+.]*[0-9][-+.0-9]*(?:e[-+.0-9]*)?|0[ox][0-9a-f]*)$/i
const NOT_A_STRING = /^(?:null|true|false|\.inf|\.nan)$/i
const PLAIN_ASCII = /^[A-Za-z0-9_/.][A-Za-z0-9 _./:+=@%,~()-]*$/
const PRINTABLE_ASCII = /^[ -~]*$/
const HARD_TO_READ = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g
/** One element of a list, with what ends it. */
const ELEMENT = /("(?:[^"\\]|\\.)*"|[^",[\]{}]+)(, |\]$)/y

/**
 * Reads the subset of YAML that art itself writes, without loading a YAML library: lines `key: scalar` or `key:` before lines
 * indented by two more spaces, and comments on lines of their own. A scalar is a plain word, a decimal number, `true`, `false`,
 * or a JSON string; `[a, b]` is a list of scalars; a key may be a JSON string too. Returns undefined for anything else, which may well be
 * valid YAML; where it answers, the `yaml` package agrees. Text without any key is an empty map.
 */
export function parsePlainYaml(text: string): YamlMap | undefined {
  const root: YamlMap = new Map()
  const open: YamlMap[] = [root]
  let last: { map: YamlMap; key: string } | undefined
  for (const line of text.replaceAll('\r\n', '\n').split('\n')) {
    if (line === '' || COMMENT.test(line)) {
      if (!PRINTABLE_ASCII.test(line) && /\p{C}/u.test(line)) return undefined
      continue
    }
    const [, indent, bare, quoted, rest] = LINE.exec(line) ?? []
    const key = quoted === undefined ? bare : parseJsonString(quoted)
    if (indent === undefined || key === undefined || (bare !== undefined && NOT_A_STRING.test(bare))) return undefined
    // What `openYaml` refuses with a reason.
    if (key === '<<' || key === '__proto__') return undefined
    const depth = indent.length / 2
    if (last !== undefined) {
      if (depth !== open.length) return undefined
      const child: YamlMap = new Map()
      last.map.set(last.key, child)
      open.push(child)
      last = undefined
    } else if (!Number.isInteger(depth) || depth >= open.length) return undefined
    open.length = depth + 1
    const map = open[depth]!
    if (map.has(key)) return undefined
    if (rest === undefined) {
      last = { map, key }
      continue
    }
    const value = rest.startsWith('[') ? parseList(rest) : parseScalar(rest)
    if (value === undefined) return undefined
    map.set(key, value)
  }
  return last === undefined ? root : undefined
}

/** A map as the lines that `parsePlainYaml` reads: of scalars, lists of scalars, and maps of these. Empty maps are left out. */
export function formatPlainYaml(map: YamlMap, indent = ''): string {
  let text = ''
  for (const [key, value] of map) {
    if (value instanceof Map && value.size === 0) continue
    text += `${indent}${formatKey(key)}:`
    if (value instanceof Map) text += `\n${formatPlainYaml(value, `${indent}  `)}`
    else if (Array.isArray(value)) text += ` ${formatList(value as Scalar[])}\n`
    else text += ` ${formatScalar(value as Scalar)}\n`
  }
  return text
}

/** Bare where that is unambiguous, and as a JSON string otherwise. */
function formatKey(key: string): string {
  return KEY.test(key) && !NOT_A_STRING.test(key) ? key : quote(key)
}

/** A list of scalars as `[a, b]`. */
function formatList(values: readonly Scalar[]): string {
  const format = (value: Scalar): string =>
    typeof value === 'string' && value.includes(',') ? quote(value) : formatScalar(value)
  return `[${values.map(format).join(', ')}]`
}

/** A number, `true` or `false` as such, a string bare where that is unambiguous and as a JSON string otherwise. */
export function formatScalar(value: Scalar): string {
  if (typeof value === 'number') return formatNumber(value)
  if (typeof value !== 'string' || parseScalar(value) === value) return String(value)
  return quote(value)
}

/** As a JSON string, in which nothing hides. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(HARD_TO_READ, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Readers of YAML 1.1 take `1e-7` for text: they want a point. */
function formatNumber(value: number): string {
  for (const [text, other] of NOT_FINITE) if (Object.is(value, other)) return text
  if (Object.is(value, -0)) return '-0.0'
  const text = String(value)
  return text.includes('.') ? text : text.replace('e', '.0e')
}

function parseList(text: string): YamlValue[] | undefined {
  const values: YamlValue[] = []
  if (text === '[]') return values
  ELEMENT.lastIndex = 1
  for (;;) {
    const [, element, end] = ELEMENT.exec(text) ?? []
    const value = element === undefined ? undefined : parseScalar(element)
    if (value === undefined) return undefined
    values.push(value)
    if (end === ']') return values
  }
}

function parseScalar(text: string): string | number | boolean | undefined {
  if (text.startsWith('"')) return parseJsonString(text)
  if (text === 'true') return true
  if (text === 'false') return false
  if (NUMBER.test(text)) return Number(text)
  if (NOT_FINITE.has(text)) return NOT_FINITE.get(text)
  if (LOOKS_NUMERIC.test(text) || NOT_A_STRING.test(text) || !(PLAIN_ASCII.test(text) || isPlain(text)))
    return undefined
  if (text.includes(': ') || text.endsWith(':') || text.endsWith(' ')) return undefined
  return text
}

// Expressions that name classes of Unicode take V8 up to a millisecond, so they are made only where a value needs them.
function isPlain(text: string): boolean {
  return /^[\p{L}\p{N}_/.][\p{L}\p{M}\p{N} _./:+=@%,~()-]*$/u.test(text)
}

function parseJsonString(text: string): string | undefined {
  if (!/^"(?:[^"\\\p{Cc}]|\\["\\/bfnrt]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4})*"$/u.test(text)) return undefined
  return JSON.parse(text) as string
}
