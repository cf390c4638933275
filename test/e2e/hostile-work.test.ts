import {
  opcodes,
  type Part,
  call,
  get,
  integer,
  pickle,
  put,
  repeated,
  text,
} from '@art/checkpoint/pickle/temporary-pickle.ts'
import { makeZip } from '@art/checkpoint/zip/temporary-zip.ts'
import { describe, expect, test } from 'vitest'
import { oneRepository, place, work } from './fresh.ts'
import { measured } from './peak.ts'

/** With what Node takes for itself. */
const MOST_MB = 256
/** Each takes well below 2 s on a machine that has nothing else to do; without the bounds that are tested here most take hours. */
const MOST_MS = 30_000

oneRepository()

const checkpoint = (...object: readonly Part[]): Buffer =>
  makeZip([
    { name: 'm/data.pkl', data: pickle(...object) },
    { name: 'm/version', data: Buffer.from('3\n') },
  ])

const numbers = (count: number, piece: (i: number) => readonly Part[]): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => opcodes(...piece(i))))

/** A dict with one key. */
const under = (key: string, ...value: readonly Part[]): Part[] => ['EMPTY_DICT', text(key), ...value, 'SETITEM']

/** What so many numbered keys have is one and the same. */
const shared = (count: number, ...value: readonly Part[]): Part[] => [
  ...value,
  put(1),
  'POP',
  'EMPTY_DICT',
  'MARK',
  numbers(count, (i) => [integer(i), get(1)]),
  'SETITEMS',
]

const program = (json: string): Buffer =>
  makeZip([
    { name: 'm/archive_format', data: Buffer.from('pt2') },
    { name: 'm/models/model.json', data: Buffer.from(json), deflate: true },
  ])

const LONG = 2_000_000
const OK: string[] = []
const CORRUPT = ['CORRUPT']

/** Three levels of dicts, each with so many keys for the next. */
function cube(count: number): Part[] {
  const level = (from: number): Part[] => [
    put(from),
    'POP',
    'EMPTY_DICT',
    'MARK',
    numbers(count, (i) => [integer(i), get(from)]),
    'SETITEMS',
  ]
  return ['EMPTY_DICT', ...level(1), ...level(2), ...level(3)]
}

describe('a model file that would keep whoever reads it busy', () => {
  test.each<[string, string, () => Buffer, string[]]>([
    [
      'a text that a pattern could start in anywhere',
      'text.pth',
      () => checkpoint(...under('config', ...under('x', text('a'.repeat(LONG))))),
      OK,
    ],
    ['such a key', 'key.pth', () => checkpoint(...under('config', ...under('a'.repeat(LONG), 'NONE'))), OK],
    [
      'a text like keys of services',
      'keys.pth',
      () => checkpoint(...under('config', ...under('x', text('-eyJaaaaaaaa'.repeat(LONG / 12))))),
      OK,
    ],
    [
      'a long key in many dicts',
      'shared-key.pth',
      () => checkpoint(...under('config', ...shared(15_000, ...under('k'.repeat(LONG), integer(1))))),
      OK,
    ],
    [
      'a long text in many places',
      'shared-text.pth',
      () => checkpoint(...under('config', ...shared(15_000, text('v'.repeat(LONG))))),
      OK,
    ],
    ['dicts of dicts of dicts', 'cube.pth', () => checkpoint(...cube(50_000)), OK],
    [
      'a path of a million parts',
      'path.pth',
      () =>
        checkpoint(
          ...under(
            'config',
            ...under('p', ...call('pathlib', 'PosixPath', text('a'), repeated(opcodes('DUP'), 1_000_000))),
          ),
        ),
      OK,
    ],
    [
      'a dict of a million keys',
      'dict.pth',
      () =>
        checkpoint(
          'EMPTY_DICT',
          'MARK',
          numbers(1_000_000, (i) => [integer(i), 'NONE']),
          'SETITEMS',
        ),
      CORRUPT,
    ],
    [
      'a list of three million places',
      'list.pth',
      () => checkpoint('EMPTY_LIST', put(0), 'MARK', repeated(opcodes(get(0)), 3_000_000), 'APPENDS'),
      CORRUPT,
    ],
    [
      'a text of millions of escapes',
      'escapes.pth',
      () => checkpoint(...under('config', ...under('x', Buffer.from(`S'${'\\x41'.repeat(LONG)}'\n`)))),
      OK,
    ],
    [
      'a text of millions of escapes, by their numbers',
      'unicode.pth',
      () => checkpoint(...under('config', ...under('x', Buffer.from(`V${'\\u0041'.repeat(LONG)}\n`)))),
      OK,
    ],
    ['a program of empty objects', 'objects.pt2', () => program(`[${'{},'.repeat(5_000_000)}{}]`), OK],
    ['a program in brackets', 'brackets.pt2', () => program('['.repeat(8_000_000) + ']'.repeat(8_000_000)), OK],
    ['an expression that is one name', 'expression.pt2', () => program(`{"expr_str":"${'a'.repeat(LONG)}"}`), OK],
  ])('%s', async (_, name, make, shown) => {
    work.write(name, make())
    for (const verb of ['show', 'scan']) {
      const start = performance.now()
      const { codes, megabytes } = await measured(place, work, verb, name)
      expect([verb, codes]).toEqual([verb, verb === 'show' ? shown : []])
      expect(megabytes, verb).toBeLessThan(MOST_MB)
      expect(performance.now() - start, verb).toBeLessThan(MOST_MS)
    }
  })
})
