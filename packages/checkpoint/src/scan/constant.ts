import { OP, type OpcodeReader } from '../pickle/opcodes.ts'
import { type Constant, type Symbolic, TEXT_MAX, UNKNOWN } from './symbol.ts'

const TEXT_CODES: ReadonlySet<number> = new Set([OP.SHORT_BINUNICODE, OP.BINUNICODE, OP.BINUNICODE8])

/** A counted constant of `length` bytes at `offset` of the source; `head` holds its first bytes, if not all. */
export function constantOf(code: number, offset: number, length: number, head: Uint8Array): Constant {
  const isText = TEXT_CODES.has(code)
  return { kind: isText ? 'text' : 'bytes', offset, length, suspect: beginsLikePickle(head, isText), latin1: isText }
}

/** The text that the reader stands on: itself where it can be a name, else where it stands. */
export function textOf(reader: OpcodeReader, base: number): Symbolic {
  const { code, argumentStart: start } = reader
  const isLine = code === OP.UNICODE || code === OP.STRING
  const length = reader.end - start
  if (length > TEXT_MAX && !isLine) return constantOf(code, base + start, length, reader.raw)
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
  return { kind: 'text', offset, length: inline.length, suspect: beginsLikePickle(inline, false), inline }
}

/** A pickle of protocol 2 or later, or a zip archive. As text, in UTF-8, 0x80 takes two bytes. */
export function beginsLikePickle(head: Uint8Array, isText: boolean): boolean {
  if (head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4) return true
  const at = isText && head[0] === 0xc2 ? 1 : 0
  return head[at] === 0x80 && (head[at + 1] ?? 255) <= 5 && (!isText || at === 1)
}
