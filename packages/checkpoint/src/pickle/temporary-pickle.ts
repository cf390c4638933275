import { type ArtError, isArtError } from '@art/core'
import { OP, type OpcodeName } from './opcodes.ts'

/** Text stands for its opcode's name, bytes for themselves. */
export type Part = OpcodeName | Uint8Array

/** For tests: a pickle put together by hand, with STOP behind it. */
export function pickle(...parts: readonly (Part | readonly Part[])[]): Buffer {
  return Buffer.concat([opcodes(...parts), Buffer.of(OP.STOP)])
}

export function opcodes(...parts: readonly (Part | readonly Part[])[]): Buffer {
  return Buffer.concat(parts.flat().map((part) => (typeof part === 'string' ? Buffer.of(OP[part]) : part)))
}

export function repeated(part: Uint8Array, times: number): Buffer {
  return Buffer.alloc(part.length * times, part)
}

export function text(value: string): Buffer {
  const encoded = Buffer.from(value, 'utf8')
  return Buffer.concat([Buffer.of(OP.BINUNICODE), u32(encoded.length), encoded])
}

export function bytes(value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(OP.BINBYTES), u32(value.length), value])
}

/** Any safe integer. */
export function integer(value: number): Buffer {
  const long = Buffer.alloc(10)
  long.writeUInt8(OP.LONG1, 0)
  long.writeUInt8(8, 1)
  long.writeBigInt64LE(BigInt(value), 2)
  return long
}

export function global(module: string, name: string): Buffer {
  return Buffer.from(`c${module}\n${name}\n`, 'utf8')
}

export function put(index: number): Buffer {
  return Buffer.concat([Buffer.of(OP.LONG_BINPUT), u32(index)])
}

export function get(index: number): Buffer {
  return Buffer.concat([Buffer.of(OP.LONG_BINGET), u32(index)])
}

export function tupleOf(...parts: readonly Part[]): Part[] {
  return ['MARK', ...parts, 'TUPLE']
}

/** A call of `module.name`. */
export function call(module: string, name: string, ...args: readonly Part[]): Part[] {
  return [global(module, name), ...tupleOf(...args), 'REDUCE']
}

/** What a reader failed with; errors that are not art's own are thrown on. */
export function artError(error: unknown): ArtError {
  if (isArtError(error)) return error
  throw error
}

/** What `run` fails with, as `CODE: message`; `none` where it does not. */
export function failureOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    const { code, message } = artError(error)
    return `${code}: ${message}`
  }
  return 'none'
}

function u32(value: number): Buffer {
  const word = Buffer.alloc(4)
  word.writeUInt32LE(value)
  return word
}
