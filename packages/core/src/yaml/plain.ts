/** What art reads from YAML: no nulls, lists or flow values in the plain subset, all of JSON's shapes otherwise. */
export type YamlValue = string | number | boolean | null | YamlValue[] | YamlMap
export type YamlMap = Map<string, YamlValue>

const LINE = /^( *)([A-Za-z_][A-Za-z0-9_.-]{0,127}):(?: (.*))?$/
const COMMENT = /^ *#/
const NUMBER = /^(?:0|-?[1-9][0-9]{0,15})$|^-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,15}(?:[eE][-+]?[0-9]{1,2})?$/
/** Numbers of YAML's core schema, and other runs of digits and signs; hex digits alone, as in ids, are text. */
const LOOKS_NUMERIC = /^(?:[-+.]*[0-9][-+.0-9]*(?:e[-+.0-9]*)?|0[ox][0-9a-f]*)$/i
const NOT_A_STRING = /^(?:null|true|false|\.inf|\.nan)$/i
const PLAIN_ASCII = /^[A-Za-z0-9_/.][A-Za-z0-9 _./:+=@%,~()-]*$/
const PRINTABLE_ASCII = /^[ -~]*$/
const HARD_TO_READ = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g

/**
 * Reads the subset of YAML that art itself writes, without loading a YAML library: lines `key: scalar` or `key:` before lines
 * indented by two more spaces, and comments on lines of their own. A scalar is a plain word, a decimal number, `true`, `false`,
 * or a JSON string. Returns undefined for anything else, which may well be valid YAML; where it answers, the `yaml` package agrees.
 * Text without any key is an empty map.
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
    const [, indent, key, rest] = LINE.exec(line) ?? []
    if (indent === undefined || key === undefined || NOT_A_STRING.test(key)) return undefined
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
    const value = parseScalar(rest)
    if (value === undefined) return undefined
    map.set(key, value)
  }
  return last === undefined ? root : undefined
}

/** A number, `true` or `false` as such, a string bare where that is unambiguous and as a JSON string otherwise. */
export function formatScalar(value: string | number | boolean): string {
  if (typeof value !== 'string' || parseScalar(value) === value) return String(value)
  return JSON.stringify(value).replace(HARD_TO_READ, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function parseScalar(text: string): string | number | boolean | undefined {
  if (text.startsWith('"')) return isJsonString(text) ? (JSON.parse(text) as string) : undefined
  if (text === 'true') return true
  if (text === 'false') return false
  if (NUMBER.test(text)) return Number(text)
  if (LOOKS_NUMERIC.test(text) || NOT_A_STRING.test(text) || !(PLAIN_ASCII.test(text) || isPlain(text)))
    return undefined
  if (text.includes(': ') || text.endsWith(':') || text.endsWith(' ')) return undefined
  return text
}

// Expressions that name classes of Unicode take V8 up to a millisecond, so they are made only where a value needs them.
function isPlain(text: string): boolean {
  return /^[\p{L}\p{N}_/.][\p{L}\p{M}\p{N} _./:+=@%,~()-]*$/u.test(text)
}

function isJsonString(text: string): boolean {
  return /^"(?:[^"\\\p{Cc}]|\\["\\/bfnrt]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4})*"$/u.test(text)
}
