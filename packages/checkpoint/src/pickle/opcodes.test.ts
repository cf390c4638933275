import { readFileSync } from 'node:fs'
import { isArtError } from '@art/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Argument, OP, OPCODE_NAMES, OpcodeReader } from './opcodes.ts'

/** As `pickletools` prints it: numbers by `repr`, bytes in hex, the two lines of GLOBAL joined by a blank. */
type Told = null | boolean | string | { bytes: string } | { number: string }

interface Sample {
  pickle: string
  opcodes: [position: number, name: string, argument: Told][]
}

const samples = JSON.parse(
  readFileSync(new URL('../../../../test/data/models/scan/opcodes.json', import.meta.url), 'utf8'),
) as Sample[]

function told(argument: Argument, like: Told): Told {
  if (argument === undefined) return null
  if (argument instanceof Uint8Array) {
    const bytes = Buffer.from(argument)
    return typeof like === 'string' ? bytes.toString('latin1') : { bytes: bytes.toString('hex') }
  }
  if (typeof argument === 'bigint') return { number: String(argument) }
  if (typeof argument === 'object') return `${argument.module} ${argument.name}`
  if (typeof argument !== 'number') return argument
  const same = typeof like === 'object' && like !== null && 'number' in like && sameNumber(argument, like.number)
  return same ? like : { number: String(argument) }
}

function sameNumber(number: number, repr: string): boolean {
  return Object.is(number, Number(repr.replace('inf', 'Infinity')))
}

function readAll(bytes: Uint8Array, start = 0): OpcodeReader {
  const reader = new OpcodeReader(bytes, start)
  while (reader.next() !== OP.STOP) void reader.argument
  return reader
}

function failure(bytes: Uint8Array): { code: string; message: string } {
  try {
    readAll(bytes)
  } catch (error) {
    if (isArtError(error)) return { code: error.code, message: error.message }
    throw error
  }
  return { code: 'none', message: '' }
}

const latin = (text: string): Buffer => Buffer.from(text, 'latin1')

describe('OpcodeReader', () => {
  it('reads every opcode with the position, name and argument that Python reads', () => {
    const seen = new Set<string>()
    for (const { pickle, opcodes } of samples) {
      const reader = new OpcodeReader(Buffer.from(pickle, 'hex'))
      for (const [position, name, like] of opcodes) {
        const code = reader.next()
        seen.add(name)
        expect([reader.position, reader.name, told(reader.argument, like)]).toEqual([position, name, like])
        expect(OPCODE_NAMES[code]).toBe(name)
      }
      expect(reader.end).toBe(pickle.length / 2)
    }
    expect(Object.keys(OP).filter((name) => !seen.has(name))).toEqual([])
  })

  it('starts anywhere and reads on after STOP, so stacked pickles are read one by one', () => {
    const bytes = latin('junkN.K\x07.')
    const reader = readAll(bytes, 4)
    expect(reader.end).toBe(6)
    expect([reader.next(), reader.number, reader.position]).toEqual([OP.BININT1, 7, 6])
  })

  it('gives bytes as views of the pickle', () => {
    const bytes = latin('\x96\x03\0\0\0\0\0\0\0abc.')
    const reader = new OpcodeReader(bytes)
    reader.next()
    expect((reader.argument as Uint8Array).buffer).toBe(bytes.buffer)
  })

  it('takes numbers and texts as liberally as the C unpickler does, so none of them hides what follows', () => {
    const read = (text: string): Argument => {
      const reader = new OpcodeReader(latin(text))
      reader.next()
      return reader.argument
    }
    expect(['I 0x1f\n', 'I00\n', 'I 1\n', 'I1\0rest\n', 'I-1_000\n'].map(read)).toEqual([31, false, true, 1, -1000])
    expect(['L99999999999999999999L\n', 'L0b11\n'].map(read)).toEqual([99999999999999999999n, 3])
    expect(['F1e3\n', 'F.5\n', 'Fnan\n', 'F-infinity\n'].map(read)).toEqual([1000, 0.5, Number.NaN, -Infinity])
    expect(['V\\u0041\\\n', 'V\\\\u0041\n'].map(read)).toEqual(['A\\', '\\\\u0041'])
  })

  it.each([
    ['no opcode has the code', '\xff', 'CORRUPT'],
    ['ends without STOP', 'N', 'CORRUPT'],
    ['runs beyond its end', 'X\x05\0\0\0abc', 'CORRUPT'],
    ['runs beyond its end', 'cos\nsystem', 'CORRUPT'],
    ['runs beyond its end', '\x95\x09\0\0\0\0\0\0\0N.', 'CORRUPT'],
    ['impossible length', '\x8e\0\0\0\0\0\0\0\x80', 'CORRUPT'],
    ['impossible length', '\x8d\xff\xff\xff\xff\xff\xff\xff\x7f', 'CORRUPT'],
    ['runs beyond its end', '\x96\0\0\0\0\0\0\x10\0', 'CORRUPT'],
    ['runs beyond its end', '\x8b\xff\xff\xff\xff', 'CORRUPT'],
    ['an extension code below 1', '\x84\xff\xff\xff\xff', 'CORRUPT'],
    ['protocol 6', '\x80\x06.', 'UNSUPPORTED'],
    ['an integer is malformed', 'I1x\n.', 'CORRUPT'],
    ['an integer of 5000 digits', `L${'9'.repeat(5000)}\n.`, 'CORRUPT'],
    ['a float is malformed', 'F1.5.\n.', 'CORRUPT'],
    ['a string is not quoted', "S'a\n.", 'CORRUPT'],
    ['an escape is malformed', "S'\\xg0'\n.", 'CORRUPT'],
    ['an escape is malformed', 'V\\u12\n.', 'CORRUPT'],
    ['text is not UTF-8', 'c\xff\nname\n.', 'CORRUPT'],
    ['text is not ASCII', '(i\xc3\xa9\nname\n.', 'CORRUPT'],
    ['impossible memo index', 'g-1\n.', 'CORRUPT'],
  ])('refuses, and says why: %s', (message, text, code) => {
    const found = failure(latin(text))
    expect(found.code).toBe(code)
    expect(found.message).toContain(message)
  })

  it('tells what is cut off, and may go on with more bytes, from what is wrong', () => {
    const seen = ['X\x05\0\0\0abc', 'X\x05\0', 'r\x05', 'cos\nsyst', '\xff'].map((text) => {
      const reader = new OpcodeReader(latin(text))
      expect(() => reader.next()).toThrow()
      return [reader.cutOff, reader.wanted]
    })
    expect(seen).toEqual([
      [true, 10],
      [true, 0],
      [true, 0],
      [true, 0],
      [false, 0],
    ])
    const frame = latin('\x95\x09\0\0\0\0\0\0\0N.')
    expect(new OpcodeReader(frame, 0, 7).next()).toBe(OP.FRAME)
  })

  it('fails cleanly on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(['none', 'CORRUPT', 'UNSUPPORTED']).toContain(failure(bytes).code)
      }),
      { numRuns: 2000 },
    )
  })

  it('fails cleanly on any cut and any changed byte of a real pickle', () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.nat(), fc.nat(255), ({ pickle }, place, byte) => {
        const bytes = Buffer.from(pickle, 'hex')
        expect(failure(bytes.subarray(0, place % bytes.length)).code).toBe('CORRUPT')
        bytes[place % bytes.length] = byte
        expect(['none', 'CORRUPT', 'UNSUPPORTED']).toContain(failure(bytes).code)
      }),
      { numRuns: 2000 },
    )
  })
})
