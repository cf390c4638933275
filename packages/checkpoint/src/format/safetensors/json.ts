import { isUtf8 } from 'node:buffer'
import type { ArtError } from '@art/core'
import { LIMITS } from '../../model-file.ts'

/**
 * Reads JSON (RFC 8259) where it stands, without making objects of it: names like `__proto__` do no harm, and what is not asked for takes
 * no memory. Every method reads one value and fails where another is.
 */
export interface JsonReader {
  /** Calls `onMember` for each; it must read the member's value. A name that occurs twice fails. */
  object(onMember: (name: string) => void): void
  array(onElement: () => void): void
  string(): string
  /** Not negative, written without fraction or exponent, at most 2^53 - 1. */
  size(): number
  number(): number
  null(): void
  skip(): void
  /** The next value's first character. */
  peek(): string
  /** Fails unless nothing but white space is left. */
  end(): void
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/
const LONE_SURROGATE = /\p{Surrogate}/u
/** Bytes of a string: metadata hold whole configurations, but not books. */
const STRING_MAX = 8 << 20
/** Names of an object that are looked through one by one. */
const FEW = 8
/** As many characters as a number may have. */
const NUMBER_MAX = 1_000

/** `fail` makes the error to throw of what is wrong. */
export function jsonReader(bytes: Uint8Array, fail: (what: string) => ArtError): JsonReader {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!isUtf8(data)) throw fail('its text is not UTF-8')
  let at = 0
  let depth = 0
  let values = 0
  /** Of the objects that are being read, by their depth: there may be a hundred thousand of three names each. */
  const fewNames: string[][] = []

  function wrong(what: string): ArtError {
    return fail(`${what} at byte ${at} of its text`)
  }

  function peek(): string {
    for (let byte = data[at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = data[++at]);
    return at < data.length ? String.fromCharCode(data[at]!) : ''
  }

  function expect(character: string): void {
    if (peek() !== character) throw wrong(`there is no '${character}'`)
    at++
  }

  function countValue(): void {
    if (++values > LIMITS.values) throw wrong(`there are more than ${LIMITS.values} values`)
  }

  function list(open: string, close: string, onItem: () => void): void {
    countValue()
    expect(open)
    if (++depth > LIMITS.depth) throw wrong('values are nested too deep')
    if (peek() !== close) {
      do onItem()
      while (peek() === ',' && ++at > 0)
    }
    expect(close)
    depth--
  }

  function object(onMember: (name: string) => void): void {
    const few = (fewNames[depth] ??= [])
    let many: Set<string> | undefined
    let count = 0
    list('{', '}', () => {
      const name = string()
      if (many === undefined ? isAmong(few, count, name) : many.has(name))
        throw wrong(`a name occurs twice (${JSON.stringify(name)})`)
      if (count === FEW) many ??= new Set(few)
      if (many === undefined) few[count++] = name
      else many.add(name)
      expect(':')
      onMember(name)
    })
  }

  function string(): string {
    expect('"')
    countValue()
    const start = at
    let isPlain = true
    for (let byte = data[at]; byte !== QUOTE; byte = data[++at]) {
      if (byte === undefined) throw wrong('a string has no end')
      if (byte < 0x20) throw wrong('a string holds a control character')
      if (at - start > STRING_MAX) throw wrong('a string is too long')
      if (byte === BACKSLASH) {
        isPlain = false
        at++
      }
    }
    const text = data.toString('utf8', start, at++)
    return isPlain ? text : unescape(text)
  }

  function unescape(text: string): string {
    let plain: string
    try {
      plain = JSON.parse(`"${text}"`) as string
    } catch {
      throw wrong('a string holds an unknown escape')
    }
    if (LONE_SURROGATE.test(plain)) throw wrong('a string holds half of a surrogate pair')
    return plain
  }

  function number(): string {
    countValue()
    peek()
    let end = at
    while (end - at < NUMBER_MAX && isNumeric(data[end])) end++
    const text = data.toString('latin1', at, end)
    if (!NUMBER.test(text)) throw wrong('there is no number')
    at = end
    return text
  }

  function size(): number {
    const text = number()
    const value = Number(text)
    if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(value)) throw wrong(`${text} is no size`)
    return value
  }

  function word(text: string): void {
    countValue()
    peek()
    if (data.toString('latin1', at, at + text.length) !== text) throw wrong(`there is no '${text}'`)
    at += text.length
  }

  function skip(): void {
    const first = peek()
    if (first === '{') object(skip)
    else if (first === '[') list('[', ']', skip)
    else if (first === '"') string()
    else if (first === 't') word('true')
    else if (first === 'f') word('false')
    else if (first === 'n') word('null')
    else number()
  }

  return {
    object,
    array: (onElement) => list('[', ']', onElement),
    string,
    size,
    number: () => Number(number()),
    null: () => word('null'),
    skip,
    peek,
    end() {
      if (peek() !== '') throw wrong('something follows')
    },
  }
}

/** Is it of the characters that numbers are written with? */
function isNumeric(byte: number | undefined): boolean {
  if (byte === undefined) return false
  const isDigit = byte >= 0x30 && byte <= 0x39
  return isDigit || byte === 0x2b || byte === 0x2d || byte === 0x2e || byte === 0x45 || byte === 0x65
}

function isAmong(names: readonly string[], count: number, name: string): boolean {
  for (let i = 0; i < count; i++) if (names[i] === name) return true
  return false
}
