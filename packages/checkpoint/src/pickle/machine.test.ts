import { describe, expect, it } from 'vitest'
import { LIMITS } from '../model-file.ts'
import {
  bytes,
  call,
  failureOf,
  get,
  global,
  integer,
  opcodes,
  type Part,
  pickle,
  put,
  repeated,
  text,
  tupleOf,
} from './temporary-pickle.ts'
import { newBudget } from './budget.ts'
import { runPickle } from './machine.ts'
import { OP, OPCODE_NAMES } from './opcodes.ts'

function valueOf(...parts: (Part | Part[])[]): unknown {
  return runPickle(pickle(...parts)).value
}

const list = (...items: unknown[]) => ({ kind: 'list', items })
const tuple = (...items: unknown[]) => ({ kind: 'tuple', items })
const named = (module: string, name: string) => ({ kind: 'global', module, name })
const made = (type: unknown, args: unknown, more: object = {}) => ({
  kind: 'object',
  type,
  args,
  state: undefined,
  items: [],
  entries: [],
  ...more,
})
const SYSTEM = named('os', 'system')
const line = (value: string): Buffer => Buffer.from(`${value}\n`, 'latin1')
const short = (value: string): Buffer =>
  Buffer.concat([Buffer.of(OP.SHORT_BINUNICODE, value.length), line(value).subarray(0, -1)])

describe('runPickle', () => {
  it.each<[string, Part[], unknown]>([
    ['REDUCE', call('os', 'system', text('id')), made(SYSTEM, tuple('id'))],
    ['INST', ['MARK', text('id'), Buffer.from('ios\nsystem\n')], made(SYSTEM, tuple('id'))],
    ['OBJ', ['MARK', global('os', 'system'), text('id'), 'OBJ'], made(SYSTEM, tuple('id'))],
    ['NEWOBJ', [global('os', 'system'), ...tupleOf(text('id')), 'NEWOBJ'], made(SYSTEM, tuple('id'))],
    [
      'NEWOBJ_EX',
      [global('os', 'system'), ...tupleOf(text('id')), 'EMPTY_DICT', text('k'), 'NONE', 'SETITEM', 'NEWOBJ_EX'],
      made(SYSTEM, tuple('id'), { entries: [['k', null]] }),
    ],
    ['STACK_GLOBAL', [short('os'), short('system'), 'STACK_GLOBAL'], SYSTEM],
    [
      'STACK_GLOBAL of memorized names',
      [short('os'), put(7), 'POP', short('system'), put(9), 'POP', get(7), get(9), 'STACK_GLOBAL'],
      SYSTEM,
    ],
    ['EXT1', ['EXT1', Buffer.of(5)], named('<extension registry>', '5')],
    ['EXT2', ['EXT2', Buffer.of(5, 1)], named('<extension registry>', '261')],
    ['EXT4', ['EXT4', Buffer.of(5, 0, 0, 1)], named('<extension registry>', '16777221')],
    [
      'BUILD',
      [...call('a', 'B'), 'EMPTY_DICT', text('x'), 'NONE', 'SETITEM', 'BUILD'],
      made(named('a', 'B'), tuple(), { state: { kind: 'dict', entries: [['x', null]] } }),
    ],
    ['BUILD on a class', [global('a', 'B'), 'EMPTY_DICT', 'BUILD'], named('a', 'B')],
    ['PERSID', ['PERSID', line('some id')], made(named('<persistent id>', ''), 'some id')],
    ['BINPERSID', [...tupleOf(text('a')), 'BINPERSID'], made(named('<persistent id>', ''), tuple('a'))],
    [
      'a call of what a call returned',
      [...call('a', 'b'), 'EMPTY_TUPLE', 'REDUCE'],
      made(made(named('a', 'b'), tuple()), tuple()),
    ],
    [
      'APPENDS to an object',
      [...call('a', 'B'), 'MARK', 'NONE', 'APPENDS'],
      made(named('a', 'B'), tuple(), { items: [null] }),
    ],
    ['BYTEARRAY8', ['BYTEARRAY8', Buffer.of(2, 0, 0, 0, 0, 0, 0, 0, 1, 2)], Buffer.of(1, 2)],
    ['READONLY_BUFFER', [bytes(Buffer.of(1)), 'READONLY_BUFFER'], Buffer.of(1)],
    ['DUP', ['EMPTY_LIST', 'DUP', 'APPEND'], expect.objectContaining({ kind: 'list' })],
    ['POP of a mark', ['NONE', 'MARK', 'POP'], null],
    ['POP_MARK', ['NONE', 'MARK', 'NONE', 'NONE', 'POP_MARK'], null],
    ['FRAME', [Buffer.from('9500000000000000004e', 'hex')], null],
    [
      'LIST and DICT',
      ['MARK', 'NONE', 'MARK', 'NONE', 'NONE', 'DICT', 'LIST'],
      list(null, { kind: 'dict', entries: [[null, null]] }),
    ],
    ['FROZENSET', ['MARK', 'NONE', 'FROZENSET'], { kind: 'frozenset', items: [null] }],
    ['a string of Python 2', ['SHORT_BINSTRING', Buffer.from([2, 0xc3, 0xa4])], 'ä'],
    ['a string of Python 2 that is no text', ['SHORT_BINSTRING', Buffer.from([1, 0xff])], Buffer.of(0xff)],
  ])('describes %s', (_, parts, expected) => {
    expect(valueOf(parts)).toEqual(expected)
  })

  it('takes a memo index of any size, without room for those below', () => {
    const budget = newBudget()
    const before = budget.memory
    const far = ['LONG_BINPUT', Buffer.of(0xff, 0xff, 0xff, 0xff), 'PUT', line('9007199254740991')] as Part[]
    const back = [
      'POP',
      'LONG_BINGET',
      Buffer.of(0xff, 0xff, 0xff, 0xff),
      'GET',
      line('9007199254740991'),
      'TUPLE2',
    ] as Part[]
    expect(runPickle(pickle(text('x'), far, back), 0, budget).value).toEqual(tuple('x', 'x'))
    expect(before - budget.memory).toBeLessThan(2_000)
  })

  it('counts for MEMOIZE what has been memorized, as Python does', () => {
    const memoized = [text('a'), put(5), text('b'), 'MEMOIZE', 'POP', 'POP', get(1)] as Part[]
    expect(valueOf(memoized)).toBe('b')
    const filled = [text('a'), put(1), text('b'), put(0), text('c'), 'MEMOIZE', get(2)] as Part[]
    expect(valueOf(filled)).toBe('c')
  })

  it('names every import once', () => {
    const { imports } = runPickle(
      pickle(global('os', 'system'), global('os', 'system'), global('a', 'b.c'), 'EXT1', Buffer.of(1)),
    )
    expect([...imports]).toEqual(['os.system', 'a.b.c', '<extension registry>.1'])
  })

  it('stops at STOP, and says where that is', () => {
    expect(runPickle(Buffer.concat([pickle('NONE'), pickle('NEWTRUE')])).end).toBe(2)
    expect(runPickle(Buffer.concat([pickle('NONE'), pickle('NEWTRUE')]), 2)).toMatchObject({ value: true, end: 4 })
  })
})

describe('a damaged pickle', () => {
  const consuming = Object.values(OP).filter(
    (code) =>
      !/^(PROTO|FRAME|MARK|EMPTY|NONE|NEW(TRUE|FALSE)|.*INT|.*FLOAT|LONG|LONG[14]|.*BYTE.*8?|.*STRING|.*UNICODE8?|GLOBAL|EXT.|PERSID|READONLY_BUFFER|STOP)/.test(
        OPCODE_NAMES[code]!,
      ),
  )

  it('that takes from an empty stack is refused, whatever takes', () => {
    expect(consuming.length).toBeGreaterThan(25)
    for (const code of [...consuming, OP.STOP]) {
      const argument =
        new Map<number, string>([
          [OP.GET, '1\n'],
          [OP.PUT, '1\n'],
          [OP.INST, 'a\nb\n'],
        ]).get(code) ?? '\0\0\0\0'
      const failure = failureOf(() =>
        runPickle(Buffer.concat([Buffer.of(code), Buffer.from(argument), Buffer.of(OP.STOP)])),
      )
      expect(`${OPCODE_NAMES[code]} ${failure}`).toMatch(/CORRUPT: damaged pickle: .*at byte 0/)
    }
  })

  it.each<[string, Part[]]>([
    ['reaches below a mark', ['NONE', 'MARK', 'TUPLE1']],
    ['ends on a mark', ['NONE', 'MARK']],
    ['has a key without a value', ['EMPTY_DICT', 'MARK', 'NONE', 'SETITEMS']],
    ['sets a key of a number', [integer(1), 'NONE', 'NONE', 'SETITEM']],
    ['appends to text', [text(''), 'NONE', 'APPEND']],
    ['appends to a tuple', ['EMPTY_TUPLE', 'NONE', 'APPEND']],
    ['builds a number', [integer(1), 'NONE', 'BUILD']],
    ['imports a number', [integer(1), integer(2), 'STACK_GLOBAL']],
    ['fetches what nobody memorized', [get(3)]],
    ['needs a buffer of its caller', ['NEXT_BUFFER']],
    ['makes an object of no class', ['MARK', 'OBJ']],
  ])('is refused where it %s', (_, parts) => {
    expect(failureOf(() => valueOf(parts))).toMatch(/^CORRUPT: damaged pickle: .*, at byte \d+$/)
  })

  it.each<[string, Buffer]>([
    ['numbers', repeated(opcodes('NONE'), 500_000)],
    ['marks', repeated(opcodes('MARK'), 500_000)],
    ['empty dicts', repeated(opcodes('EMPTY_DICT'), 500_000)],
    ['memorized indices', Buffer.concat([opcodes('NONE'), ...Array.from({ length: 3_000 }, (_, i) => put(i * 7 + 1))])],
    ['opcodes that do nothing', repeated(opcodes('READONLY_BUFFER'), 900_000)],
    ['text', pickle(bytes(Buffer.alloc(10)), text('x'.repeat(300_000)))],
  ])('cannot make more than its budget: %s', (_, body) => {
    const limits = { ...LIMITS, tableBytes: 200_000, values: 200_000 }
    expect(failureOf(() => runPickle(Buffer.concat([body, pickle('NONE')]), 0, newBudget(limits)))).toMatch(
      /^CORRUPT: .*more (opcodes )?than/,
    )
  })
})
