import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GLOBAL_FLAGS } from './command/global-flags.ts'
import type { Flags } from './command/spec.ts'
import { parseFlags } from './parse.ts'

const FLAGS = {
  ...GLOBAL_FLAGS,
  remote: { type: 'string', alias: 'r', describe: '' },
  jobs: { type: 'number', alias: 'j', describe: '' },
  rev: { type: 'list', describe: '' },
  'all-tags': { type: 'boolean', alias: 'T', describe: '' },
  update: { type: 'boolean', alias: 'u', describe: '' },
  git: { type: 'boolean', negated: true, describe: '' },
} as const satisfies Flags

function parse(...argv: string[]) {
  const parsed = parseFlags(argv, FLAGS)
  return parsed.ok ? { ...parsed.input.flags, operands: parsed.input.operands } : { unknown: parsed.unknown }
}

describe('values', () => {
  it.each([
    [['-r', 'origin'], { remote: 'origin', operands: [] }],
    [['-rorigin'], { remote: 'origin', operands: [] }],
    [['-r=origin', 'x'], { remote: 'origin', operands: ['x'] }],
    [['--remote=a=b'], { remote: 'a=b', operands: [] }],
    [['-r', 'a', '-r', 'b'], { remote: 'b', operands: [] }],
    [['--rev', 'a', '--rev', 'b', 'c'], { rev: ['a', 'b'], operands: ['c'] }],
    [['-j4'], { jobs: 4, operands: [] }],
    [['-j', '4', '5'], { jobs: 4, operands: ['5'] }],
    [['-Tu'], { 'all-tags': true, update: true, operands: [] }],
    [['--no-git', '--no-progress'], { git: false, progress: false, operands: [] }],
    [['-C', 'a b', 'x'], { C: 'a b', operands: ['x'] }],
    [['-Cdir'], { C: 'dir', operands: [] }],
  ])('%j', (argv, expected) => expect(parse(...argv)).toEqual(expected))

  it('stay text: a path is never a number and never swallowed by a boolean', () => {
    expect(parse('007', '1e3', '0x10', '.5')).toEqual({ operands: ['007', '1e3', '0x10', '.5'] })
    expect(parse('--json', 'true', 'x')).toEqual({ json: true, operands: ['true', 'x'] })
    expect(parse("'quoted'", '"quoted"')).toEqual({ operands: ["'quoted'", '"quoted"'] })
    expect(parse('--rev', '007')).toEqual({ rev: ['007'], operands: [] })
  })

  it('are refused where they are missing, too many or wrong', () => {
    expect(() => parse('-r')).toThrow('--remote needs a value')
    expect(() => parse('-r', '--json')).toThrow('--remote needs a value')
    expect(() => parse('--json=yes')).toThrow('--json takes no value')
    expect(() => parse('-j', '0')).toThrow("--jobs needs a whole number from 1, not '0'")
    expect(() => parse('-j', 'many')).toThrow('whole number')
    expect(() => parse('--color', 'pink')).toThrow("--color is one of auto, always, never, not 'pink'")
  })
})

describe('what is not known', () => {
  it.each([
    [['--updat', 'x'], '--updat'],
    [['--no-such'], '--no-such'],
    [['--no-remote'], '--no-remote'],
    [['--such=1'], '--such'],
    [['-z'], '-z'],
    [['--z'], '--z'],
  ])('%j is named as it was typed', (argv, unknown) => expect(parse(...argv)).toEqual({ unknown }))
})

it('everything after -- is an operand', () => {
  expect(parse('-T', 'a', '--', '-r', '--json', '--')).toEqual({
    'all-tags': true,
    operands: ['a', '-r', '--json', '--'],
  })
  fc.assert(
    fc.property(fc.array(fc.string()), (names) => {
      expect(parse('--', ...names)).toEqual({ operands: names })
    }),
  )
})
