import { OP, type OpcodeReader } from '../pickle/opcodes.ts'
import { type Constant, type Symbolic, TEXT_MAX, UNKNOWN } from './symbol.ts'

const TEXT_CODES: ReadonlySet<number> = new Set([OP.SHORT_BINUNICODE, OP.BINUNICODE, OP.BINUNICODE8])

/** The counted constant that the reader stands on, or that `next()` found cut off: by where it stands in the source. */
export function constantOf(reader: OpcodeReader, base: number, end = reader.end): Constant {
  const { argumentStart: start } = reader
  const isText = TEXT_CODES.has(reader.code)
  const suspect = end - start > 3 && beginsLikePickle((index) => reader.byteOfArgument(index), isText)
  return { kind: isText ? 'text' : 'bytes', offset: base + start, length: end - start, suspect, latin1: isText }
}

/** The text that the reader stands on: itself where it can be a name, else where it stands. */
export function textOf(reader: OpcodeReader, base: number): Symbolic {
  const { code, argumentStart: start } = reader
  const isLine = code === OP.UNICODE || code === OP.STRING
  const length = reader.end - start
  if (length > TEXT_MAX && !isLine) return constantOf(reader, base)
  try {
    const text = reader.argument
    if (text instanceof Uint8Array) return Buffer.from(text).toString('latin1')
    if (typeof text !== 'string') return UNKNOWN
    return text.length <= TEXT_MAX ? text : inlineText(text, base + start)
  } catch {
    return UNKNOWN
  }
}

/** A text in memory, as bytes; a character that is no byte makes it harmless. */
export function inlineText(text: string, offset: number): Constant {
  const inline = Buffer.from(text, 'latin1')
  return {
    kind: 'text',
    offset,
    length: inline.length,
    suspect: beginsLikePickle((index) => inline[index] ?? 0, false),
    inline,
  }
}

/** A short text that begins like a pickle; most do not by their first character. */
export function suspectText(text: string, offset: number): Constant | undefined {
  const first = text.charCodeAt(0)
  if ((first !== 0x80 && first !== 0x50) || text.length <= 3) return undefined
  const constant = inlineText(text, offset)
  return constant.suspect ? constant : undefined
}

/** A pickle of protocol 2 or later, or a zip archive. As text, in UTF-8, 0x80 takes two bytes. */
function beginsLikePickle(byte: (index: number) => number, isText: boolean): boolean {
  const first = byte(0)
  if (first === 0x50) return byte(1) === 0x4b && byte(2) === 3 && byte(3) === 4
  if (isText) return first === 0xc2 && byte(1) === 0x80 && byte(2) <= 5
  return first === 0x80 && byte(1) <= 5
}
