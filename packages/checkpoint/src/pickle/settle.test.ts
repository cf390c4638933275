import { describe, expect, it } from 'vitest'
import type { DictValue, ListValue, Value } from '../model-file.ts'
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
import { PLAIN_CALLS } from './known/known.ts'
import { numpyKnowledge } from './known/numpy.ts'
import { runPickle } from './machine.ts'
import { settle } from './settle.ts'
import { attribute, attributesOf, nameOf } from './value.ts'

function plain(...parts: (Part | Part[])[]): Value {
  const numpy = numpyKnowledge()
  const knowledge = {
    calls: new Map([...PLAIN_CALLS, ...numpy.calls]),
    dict: numpy.dict,
    global: (value: Value) => value,
  }
  const budget = newBudget()
  return settle(runPickle(pickle(...parts), 0, budget).value, knowledge, budget)
}

const items = (value: Value): Value[] => (value as ListValue).items
const entries = (value: Value): [Value, Value][] => (value as DictValue).entries
const pair = (key: Part, value: Part): Part[] => [key, value]

describe('settle', () => {
  it('follows cycles, and leaves them', () => {
    const list = plain('EMPTY_LIST', 'DUP', 'APPEND')
    expect(items(list)[0]).toBe(list)
    const dict = plain('EMPTY_DICT', put(1), text('self'), get(1), 'SETITEM')
    expect(attribute(dict, 'self')).toBe(dict)
    const ordered = plain(call('collections', 'OrderedDict'), put(1), text('self'), get(1), 'SETITEM')
    expect(ordered).toMatchObject({ kind: 'dict' })
    expect(attribute(ordered, 'self')).toBe(ordered)
    const object = plain(call('a', 'B'), put(1), 'EMPTY_DICT', text('self'), get(1), 'SETITEM', 'BUILD')
    expect(attribute(object, 'self')).toBe(object)
    const tuple = plain('EMPTY_LIST', put(1), get(1), 'TUPLE1', put(2), 'APPEND', 'POP', get(2))
    expect(items(items(tuple)[0]!)[0]).toBe(tuple)
  })

  it('looks once at what is held twice, and keeps it one', () => {
    let body: Part[] = ['EMPTY_LIST']
    // 2^60 paths lead to the innermost list.
    for (let i = 0; i < 60; i++) body = [...body, put(i), 'POP', 'EMPTY_LIST', get(i), 'APPEND', get(i), 'APPEND']
    const value = plain(body)
    expect(items(value)[0]).toBe(items(value)[1])
  })

  it.each<[string, Part[]]>([
    ['lists', [repeated(opcodes('EMPTY_LIST'), 100_000), repeated(opcodes('APPEND'), 99_999)]],
    ['tuples', ['NONE', repeated(opcodes('TUPLE1'), 100_000)]],
    ['dicts', [repeated(opcodes('EMPTY_DICT', 'NONE'), 100_000), 'NONE', repeated(opcodes('SETITEM'), 100_000)]],
    [
      'calls',
      [
        global('a', 'b'),
        put(0),
        repeated(get(0), 100_000),
        'EMPTY_TUPLE',
        repeated(opcodes('TUPLE1', 'REDUCE'), 100_000),
      ],
    ],
    [
      'states',
      [
        ...call('a', 'B'),
        put(0),
        'POP',
        repeated(Buffer.concat(call('a', 'B').map((p) => opcodes(p))), 2_000),
        repeated(opcodes('BUILD'), 1_999),
      ],
    ],
  ])('refuses what is nested 100,000 deep, without recursion: %s', (_, parts) => {
    expect(failureOf(() => plain(parts))).toBe('CORRUPT: a pickle nests values deeper than 1000')
  })

  it('refuses depth that sharing hides from a walk', () => {
    // The outer list meets each inner one at depth 1 first, the innermost before the others.
    let body: Part[] = ['EMPTY_LIST', put(0), 'POP']
    for (let i = 1; i <= 1_200; i++) body = body.concat(['EMPTY_LIST', get(i - 1), 'APPEND', put(i), 'POP'])
    body = body.concat('EMPTY_LIST', 'MARK', ...Array.from({ length: 1_200 }, (_, i) => get(i)), 'APPENDS')
    expect(failureOf(() => plain(body))).toBe('CORRUPT: a pickle nests values deeper than 1000')
  })

  it('gives a key one entry: the first place, the last value', () => {
    const same = plain(
      'EMPTY_DICT',
      'MARK',
      ...pair(text('a'), integer(1)),
      ...pair(text('b'), integer(2)),
      ...pair(text('a'), integer(3)),
      'SETITEMS',
    )
    expect(entries(same)).toEqual([
      ['a', 3],
      ['b', 2],
    ])
    const one = Buffer.concat([opcodes('BINFLOAT'), Buffer.from('3ff0000000000000', 'hex')])
    const numbers = plain(
      'EMPTY_DICT',
      'MARK',
      ...pair(integer(1), text('int')),
      ...pair('NEWTRUE', text('bool')),
      ...pair(one, text('float')),
      'SETITEMS',
    )
    expect(entries(numbers)).toEqual([[1, 'float']])
    const apart = plain(
      'EMPTY_DICT',
      'MARK',
      ...pair(text('1'), 'NONE'),
      ...pair(integer(1), 'NONE'),
      ...pair(bytes(Buffer.from('1')), 'NONE'),
      'SETITEMS',
    )
    expect(entries(apart)).toHaveLength(3)
  })

  it('compares tuples, frozensets and bytes as keys by what they hold', () => {
    const twice = (key: Part[]): Value =>
      plain('EMPTY_DICT', 'MARK', ...key, integer(1), ...key, integer(2), 'SETITEMS')
    for (const key of [
      tupleOf(text('a'), integer(1)),
      ['MARK', text('a'), 'FROZENSET'],
      [bytes(Buffer.from('a'))],
    ] as Part[][]) {
      expect(entries(twice(key)).map(([, value]) => value)).toEqual([2])
    }
    expect(entries(twice(call('a', 'B')))).toHaveLength(2)
    expect(entries(twice(tupleOf(...call('a', 'B'))))).toHaveLength(2)
  })

  it('holds keys that trap JavaScript like any other', () => {
    const keys = ['__proto__', 'constructor', 'then', 'toJSON', 'hasOwnProperty', '', '\ud800']
    const surrogate = Buffer.from([0x58, 3, 0, 0, 0, 0xed, 0xa0, 0x80])
    const value = plain(
      'EMPTY_DICT',
      'MARK',
      ...keys.slice(0, -1).flatMap((key) => pair(text(key), text(key))),
      ...pair(surrogate, text('x')),
      'SETITEMS',
    )
    expect(entries(value).map(([key]) => key)).toEqual(keys)
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  it('fills dicts and lists from what their call was given, then from what follows', () => {
    const given = tupleOf(
      'EMPTY_LIST',
      'MARK',
      ...tupleOf(text('a'), integer(1)),
      ...tupleOf(text('b'), integer(2)),
      'APPENDS',
    )
    const ordered = plain(global('collections', 'OrderedDict'), given, 'REDUCE', text('a'), integer(3), 'SETITEM')
    expect(entries(ordered)).toEqual([
      ['a', 3],
      ['b', 2],
    ])
    const deque = plain(call('collections', 'deque', 'MARK', integer(1), 'LIST', integer(9)), integer(2), 'APPEND')
    expect(deque).toEqual({ kind: 'list', items: [1, 2] })
    const set = plain(call('__builtin__', 'set', 'MARK', integer(1), integer(1), 'LIST'))
    expect(set).toEqual({ kind: 'set', items: [1] })
  })

  it('knows the classes of Python 2 and of protocols 0 and 1', () => {
    expect(plain(call('__builtin__', 'long', integer(5)))).toBe(5)
    expect(plain(call('__builtin__', 'unicode', text('a')))).toBe('a')
    const made = plain(
      call('copy_reg', '_reconstructor', global('a', 'B'), global('__builtin__', 'object'), 'NONE'),
      'EMPTY_DICT',
      text('x'),
      integer(1),
      'SETITEM',
      'BUILD',
    )
    expect(nameOf(made)).toBe('a.B')
    expect(attributesOf(made)).toEqual([['x', 1]])
    const mapping = plain(
      call(
        'copy_reg',
        '_reconstructor',
        global('a', 'D'),
        global('__builtin__', 'dict'),
        'EMPTY_DICT',
        text('k'),
        integer(1),
        'SETITEM',
      ),
    )
    expect(attributesOf(mapping)).toEqual([['k', 1]])
    expect(nameOf(plain(call('__builtin__', 'xrange', integer(3))))).toBe('__builtin__.xrange')
  })

  it('leaves what it does not know as a description', () => {
    const value = plain(call('os', 'system', text('id')))
    expect(value).toMatchObject({ kind: 'object', type: { module: 'os', name: 'system' }, args: { items: ['id'] } })
    const method = plain(call('builtins', 'getattr', global('a', 'Color'), text('RED')))
    expect(method).toEqual({ kind: 'global', module: 'a', name: 'Color.RED' })
    for (const strange of [
      call('datetime', 'datetime', text('x')),
      call('pathlib', 'Path', integer(1)),
      call('_codecs', 'encode', text('Ā'), text('latin1')),
    ]) {
      expect(plain(strange)).toMatchObject({ kind: 'object' })
    }
  })

  it('pays for work that is done again and again on one value', () => {
    const shared = [
      'EMPTY_LIST',
      'MARK',
      repeated(opcodes('EMPTY_TUPLE'), 100_000),
      'APPENDS',
      put(0),
      'POP',
      global('collections', 'OrderedDict'),
      put(1),
      'POP',
    ] as Part[]
    const uses = [
      'EMPTY_LIST',
      'MARK',
      repeated(opcodes(get(1), get(0), 'TUPLE1', 'REDUCE'), 20_000),
      'APPENDS',
    ] as Part[]
    expect(failureOf(() => plain(shared, uses))).toMatch(/^CORRUPT: a pickle makes more than/)
    const long = [
      text('a'.repeat(1 << 20)),
      put(0),
      'POP',
      text('latin1'),
      put(1),
      'POP',
      global('_codecs', 'encode'),
      put(2),
      'POP',
    ] as Part[]
    const encoded = [
      'EMPTY_LIST',
      'MARK',
      repeated(opcodes(get(2), get(0), get(1), 'TUPLE2', 'REDUCE'), 20_000),
      'APPENDS',
    ] as Part[]
    expect(failureOf(() => plain(long, encoded))).toMatch(/^CORRUPT: a pickle makes more than/)
  })

  it('refuses an array of NumPy that claims to be larger than its bytes', () => {
    const dtype = [...call('numpy', 'dtype', text('f4'), 'NEWFALSE', 'NEWTRUE')]
    const array = (shape: Part[], content: Buffer): Part[] => [
      ...call(
        'numpy.core.multiarray',
        '_reconstruct',
        global('numpy', 'ndarray'),
        ...tupleOf(integer(0)),
        bytes(Buffer.from('b')),
      ),
      ...tupleOf(integer(1), ...tupleOf(...shape), ...dtype, 'NEWFALSE', bytes(content)),
      'BUILD',
    ]
    expect(plain(array([integer(2)], Buffer.from('0000803f00000040', 'hex')))).toEqual({ kind: 'list', items: [1, 2] })
    expect(plain(array([integer(3)], Buffer.alloc(8)))).toMatchObject({ kind: 'object' })
    expect(plain(array([integer(2 ** 52)], Buffer.alloc(8)))).toMatchObject({ kind: 'object' })
    expect(plain(array([integer(-1)], Buffer.alloc(8)))).toMatchObject({ kind: 'object' })
    expect(plain(array([integer(2 ** 40), integer(0)], Buffer.alloc(0)))).toMatchObject({
      kind: 'tensor',
      tensor: { elements: 0 },
    })
  })
})
