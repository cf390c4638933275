import { isUtf8 } from 'node:buffer'
import { ArtError } from '@art/core'

/** Python's own bound since 3.11: reading a longer decimal takes quadratic time. */
const DIGITS_MAX = 4_300
const LONG_BYTES_MAX = 1 << 20

const BASES: readonly [RegExp, string][] = [
  [/^0x(?:_?[0-9a-f])+$/i, '0x'],
  [/^0o(?:_?[0-7])+$/i, '0o'],
  [/^0b(?:_?[01])+$/i, '0b'],
]

/**
 * An integer as C's `load_int` and `load_long` take it: a sign, a prefix of another base, underscores, blanks around it, a closing `L`;
 * what follows a zero byte does not count. A bigint only beyond 2^53.
 */
export function parseInteger(line: string): number | bigint {
  const text = untilZero(line).replace(/L$/, '').trim()
  const digits = text.replace(/^[+-]/, '')
  const negative = text.startsWith('-')
  if (/^[0-9](?:_?[0-9])*$/.test(digits)) {
    if (digits.length > DIGITS_MAX) throw corrupt(`an integer of ${digits.length} digits`)
    return narrow(BigInt(digits.replaceAll('_', '')), negative)
  }
  for (const [pattern, prefix] of BASES) {
    if (!pattern.test(digits)) continue
    if (digits.length > LONG_BYTES_MAX) throw corrupt(`an integer of ${digits.length} digits`)
    return narrow(BigInt(prefix + digits.slice(2).replaceAll('_', '')), negative)
  }
  throw corrupt('an integer is malformed')
}

/** A float as `repr` writes it; `inf` and `nan` too. */
export function parseFloatLine(line: string): number {
  const text = untilZero(line)
  if (/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i.test(text)) return Number(text)
  const word = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i.exec(text)
  if (word === null) throw corrupt('a float is malformed')
  if (word[2] === undefined) return Number.NaN
  return word[1] === '-' ? -Infinity : Infinity
}

/** Two's complement, little-endian, of any length. */
export function parseLong(bytes: Uint8Array): number | bigint {
  if (bytes.length === 0) return 0
  if (bytes.length > LONG_BYTES_MAX) throw corrupt(`an integer of ${bytes.length} bytes`)
  const hex = Buffer.from(bytes).reverse().toString('hex')
  return narrow(BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`)), false)
}

/** UTF-8 in which single surrogates may stand (`surrogatepass`), as Python writes any `str`. */
export function decodeText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (isUtf8(bytes)) return buffer.toString('utf8')
  const parts: string[] = []
  let from = 0
  for (let at = buffer.indexOf(0xed); at >= 0; at = buffer.indexOf(0xed, at + 1)) {
    const [second, third] = [buffer[at + 1] ?? 0, buffer[at + 2] ?? 0]
    if (second < 0xa0 || second > 0xbf || third < 0x80 || third > 0xbf) continue
    parts.push(decodeUtf8(buffer.subarray(from, at)), String.fromCharCode(0xd000 | ((second & 63) << 6) | (third & 63)))
    from = at + 3
  }
  parts.push(decodeUtf8(buffer.subarray(from)))
  return parts.join('')
}

/** Strict UTF-8, as the names of GLOBAL must be. */
export function decodeUtf8(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw corrupt('text is not UTF-8')
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

export function decodeAscii(bytes: Uint8Array): string {
  if (bytes.some((byte) => byte > 0x7f)) throw corrupt('text is not ASCII')
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/**
 * Python's `raw_unicode_escape`: Latin-1 with `\uXXXX` and `\UXXXXXXXX`; any other backslash keeps its successor. A loop, for of millions of escapes
 * a pattern takes hundreds of bytes each.
 */
export function decodeRawUnicode(bytes: Uint8Array): string {
  const units = Buffer.allocUnsafeSlow(bytes.length * 2)
  let made = 0
  const put = (unit: number): void => void (made = units.writeUInt16LE(unit, made))
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    put(byte)
    if (byte !== BACKSLASH || at + 1 === bytes.length) continue
    const kind = bytes[++at]!
    const width = kind === 0x75 ? 4 : kind === 0x55 ? 8 : 0
    if (width === 0) {
      put(kind)
      continue
    }
    const point = hexAt(bytes, at + 1, width)
    if (point === undefined || point > 0x10ffff) throw corrupt('an escape is malformed')
    made -= 2
    if (point > 0xffff) put(0xd7c0 + (point >> 10))
    put(point > 0xffff ? 0xdc00 + (point & 0x3ff) : point)
    at += width
  }
  return units.toString('utf16le', 0, made)
}

const BACKSLASH = 0x5c

/** Undefined where these are not all hexadecimal digits. */
function hexAt(bytes: Uint8Array, from: number, width: number): number | undefined {
  let value = 0
  for (let at = from; at < from + width; at++) {
    const digit = Number.parseInt(String.fromCharCode(bytes[at] ?? 0), 16)
    if (Number.isNaN(digit)) return undefined
    value = value * 16 + digit
  }
  return value
}

/** What stands behind a backslash, and what that makes. */
const ESCAPES = new Map(
  Object.entries({
    '\\': '\\',
    "'": "'",
    '"': '"',
    b: '\b',
    f: '\f',
    t: '\t',
    n: '\n',
    r: '\r',
    v: '\v',
    a: '\x07',
  }).map(([letter, made]) => [letter.charCodeAt(0), made.charCodeAt(0)]),
)

/** A quoted Python 2 `str` with its escapes. Its encoding is the reader's affair. */
export function decodeQuoted(bytes: Uint8Array): Uint8Array {
  const quote = bytes[0]
  if (bytes.length < 2 || quote !== bytes.at(-1) || (quote !== 0x27 && quote !== 0x22)) {
    throw corrupt('a string is not quoted')
  }
  const inner = bytes.subarray(1, -1)
  if (!inner.includes(BACKSLASH)) return inner
  const plain = Buffer.allocUnsafeSlow(inner.length)
  let made = 0
  for (let at = 0; at < inner.length; at++) {
    const byte = inner[at]!
    if (byte !== BACKSLASH) {
      plain[made++] = byte
      continue
    }
    const kind = inner[++at]
    if (kind === undefined) throw corrupt('an escape is malformed')
    if (isOctal(kind)) {
      let value = kind - 0x30
      for (let digits = 1; digits < 3 && isOctal(inner[at + 1]); digits++) value = value * 8 + inner[++at]! - 0x30
      plain[made++] = value & 0xff
    } else if (kind === 0x78) {
      const value = hexAt(inner, at + 1, 2)
      if (value === undefined) throw corrupt('an escape is malformed')
      plain[made++] = value
      at += 2
    } else if (kind !== 0x0a) {
      const known = ESCAPES.get(kind)
      if (known === undefined) plain[made++] = BACKSLASH
      plain[made++] = known ?? kind
    }
  }
  return plain.subarray(0, made)
}

function isOctal(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x37
}

function untilZero(line: string): string {
  const zero = line.indexOf('\0')
  return zero < 0 ? line : line.slice(0, zero)
}

function narrow(magnitude: bigint, negative: boolean): number | bigint {
  const value = negative ? -magnitude : magnitude
  const small = Number(value)
  return Number.isSafeInteger(small) ? small : value
}

function corrupt(what: string): ArtError {
  return new ArtError('CORRUPT', `damaged pickle: ${what}`)
}
