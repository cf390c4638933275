import { ArtError } from '@art/core'
import {
  decodeAscii,
  decodeQuoted,
  decodeRawUnicode,
  decodeText,
  decodeUtf8,
  parseFloatLine,
  parseInteger,
  parseLong,
} from './literal.ts'
import { FORM, OP, OPCODE_FORMS, OPCODE_NAMES, type OpcodeName } from './opcode-table.ts'

export { OP, OPCODE_NAMES, type OpcodeName } from './opcode-table.ts'

const PROTOCOL_MAX = 5
const SHORT_BYTES = 64

/** The two lines of GLOBAL and INST. */
export interface ImportArgument {
  readonly module: string
  readonly name: string
}

/** A bigint only beyond 2^53. Bytes are a view of the pickle, except where STRING has escapes. */
export type Argument = undefined | boolean | number | bigint | string | Uint8Array | ImportArgument

/**
 * A pickle's opcodes, one after the other; what they do is not its affair. Accepts what Python's C unpickler accepts, and fails with
 * `CORRUPT` where that would fail: https://github.com/python/cpython/blob/3.13/Lib/pickletools.py names every opcode and its argument.
 *
 * `next()` checks that an opcode is whole; the argument is decoded when it is asked for, and may fail then.
 */
export class OpcodeReader {
  /** Of the opcode that `next()` has returned last. */
  code = 0
  /** Where it stands, or where the one stands that `next()` failed at. */
  position = 0
  /** Where the next one stands. */
  end: number
  /** Its argument, for those of fixed width: memo index, small integer, float, extension code, protocol, frame length. */
  number = 0
  /** `next()` failed because the bytes end too early: with more of them it may not. */
  cutOff = false
  /** Where an opcode of which only counted bytes are cut off would end; else 0. */
  wanted = 0
  readonly #bytes: Buffer
  readonly #view: DataView
  readonly #available: number
  #start = 0
  #middle = 0

  /** Of the bytes given, `start` is where to begin; `following` is how many are known to follow them, for frames that reach beyond. */
  constructor(bytes: Uint8Array, start = 0, following = 0) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#available = bytes.length + following
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.end = start
  }

  get name(): OpcodeName {
    return OPCODE_NAMES[this.code] ?? 'STOP'
  }

  /**
   * Steps to the next opcode and returns its code. After STOP it reads on: whether another pickle may follow is the caller's affair.
   * Fails with `CORRUPT`, and with `UNSUPPORTED` at a protocol that art does not know.
   */
  next(): number {
    const at = this.end
    const code = this.#bytes[at]
    this.position = at
    if (code === undefined) throw this.#cut('it ends without STOP')
    this.code = code
    const start = at + 1
    switch (OPCODE_FORMS[code]) {
      case FORM.none:
        this.end = start
        return code
      case FORM.u1:
        this.#end(start + 1)
        this.number = this.#bytes[start]!
        if (code === OP.PROTO || code === OP.EXT1) this.#check()
        return code
      case FORM.u2:
        this.#end(start + 2)
        this.number = this.#view.getUint16(start, true)
        if (code === OP.EXT2) this.#check()
        return code
      case FORM.u4:
        this.#end(start + 4)
        this.number = this.#view.getUint32(start, true)
        return code
      case FORM.s4:
        this.#end(start + 4)
        this.number = this.#view.getInt32(start, true)
        if (code === OP.EXT4) this.#check()
        return code
      case FORM.f8:
        this.#end(start + 8)
        this.number = this.#view.getFloat64(start)
        return code
      case FORM.counted1:
        this.#end(start + 1)
        this.#start = start + 1
        this.#endOfCounted(this.#start + this.#bytes[start]!)
        return code
      case FORM.counted4:
        this.#end(start + 4)
        this.#start = start + 4
        this.#endOfCounted(this.#start + this.#view.getUint32(start, true))
        return code
      case FORM.counted8:
        this.#start = start + 8
        this.#endOfCounted(this.#start + this.#long(start))
        return code
      case FORM.line:
        this.#start = start
        this.end = this.#line(start)
        return code
      case FORM.twoLines:
        this.#start = start
        this.#middle = this.#line(start)
        this.end = this.#line(this.#middle)
        return code
      case FORM.frame:
        // A frame is a hint to readers of streams; its opcodes follow as any others do.
        this.number = this.#long(start)
        if (start + 8 + this.number > this.#available) throw this.#cut(`${this.name} runs beyond its end`)
        return code
      default:
        throw this.#corrupt(at, `no opcode has the code 0x${code.toString(16).padStart(2, '0')}`)
    }
  }

  /** Undefined for opcodes without one. Fails with `CORRUPT` where it is malformed. */
  get argument(): Argument {
    try {
      return this.#decode()
    } catch (error) {
      if (error instanceof ArtError) throw this.#corrupt(this.position, error.message.replace('damaged pickle: ', ''))
      throw error
    }
  }

  /** Where the argument begins, of those that are counted or lines: behind the count. */
  get argumentStart(): number {
    return this.#start
  }

  /** One byte of the argument, where it is counted or a line: cheaper than a view of all. NaN beyond what is there. */
  byteOfArgument(index: number): number {
    return this.#bytes[this.#start + index] ?? Number.NaN
  }

  /** The argument's bytes as they stand there, for those that are counted or one line: a view. */
  get raw(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.end - (OPCODE_FORMS[this.code] === FORM.line ? 1 : 0))
  }

  #decode(): Argument {
    switch (OPCODE_FORMS[this.code]) {
      case FORM.none:
        return undefined
      case FORM.counted1:
      case FORM.counted4:
      case FORM.counted8:
        return this.#counted()
      case FORM.line:
        return this.#text()
      case FORM.twoLines: {
        const decode = this.code === OP.INST ? decodeAscii : decodeUtf8
        const text = (from: number, to: number): string =>
          this.#short(from, to) ?? decode(this.#bytes.subarray(from, to))
        return { module: text(this.#start, this.#middle - 1), name: text(this.#middle, this.end - 1) }
      }
      default:
        return this.number
    }
  }

  #counted(): Argument {
    switch (this.code) {
      case OP.LONG1:
      case OP.LONG4:
        return parseLong(this.raw)
      case OP.SHORT_BINUNICODE:
      case OP.BINUNICODE:
      case OP.BINUNICODE8:
        return this.#short(this.#start, this.end) ?? decodeText(this.raw)
      default:
        return this.raw
    }
  }

  /** Most strings of a checkpoint are short names: this is several times as fast for them. */
  #short(start: number, end: number): string | undefined {
    if (end - start > SHORT_BYTES) return
    for (let i = start; i < end; i++) {
      if (this.#bytes[i]! > 0x7f) return
    }
    return this.#bytes.toString('latin1', start, end)
  }

  #text(): Argument {
    const bytes = this.raw
    if (this.code === OP.STRING) return decodeQuoted(bytes)
    if (this.code === OP.UNICODE) return decodeRawUnicode(bytes)
    const line = decodeAscii(bytes)
    switch (this.code) {
      case OP.PERSID:
        return line
      case OP.FLOAT:
        return parseFloatLine(line)
      case OP.INT:
        if (/^(?:[0 +][01]|-0)$/.test(line)) return line.endsWith('1')
        return parseInteger(line)
      case OP.LONG:
        return parseInteger(line)
      default: {
        const index = parseInteger(line)
        if (typeof index === 'bigint' || index < 0) throw new ArtError('CORRUPT', 'an impossible memo index')
        return index
      }
    }
  }

  #end(end: number): void {
    if (end > this.#bytes.length) throw this.#cut(`${this.name} runs beyond its end`)
    this.end = end
  }

  #endOfCounted(end: number): void {
    if (end > this.#bytes.length) throw this.#cut(`${this.name} runs beyond its end`, end)
    this.end = end
  }

  #line(start: number): number {
    const feed = this.#bytes.indexOf(0x0a, start)
    if (feed < 0) throw this.#cut(`${this.name} runs beyond its end`)
    return feed + 1
  }

  #long(start: number): number {
    this.#end(start + 8)
    const length = Number(this.#view.getBigUint64(start, true))
    if (!Number.isSafeInteger(length)) throw this.#corrupt(this.position, `${this.name} has an impossible length`)
    return length
  }

  #check(): void {
    if (this.code === OP.PROTO && this.number > PROTOCOL_MAX) {
      throw new ArtError('UNSUPPORTED', `pickle of protocol ${this.number}`, { hint: 'Update art.' })
    }
    if (this.code !== OP.PROTO && this.number <= 0) throw this.#corrupt(this.position, 'an extension code below 1')
  }

  #cut(what: string, wanted = 0): ArtError {
    this.cutOff = true
    this.wanted = wanted
    return this.#corrupt(this.position, what)
  }

  #corrupt(position: number, what: string): ArtError {
    return new ArtError('CORRUPT', `damaged pickle: ${what}, at byte ${position}`)
  }
}
