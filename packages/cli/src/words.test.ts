import { expect, it } from 'vitest'
import { explainAbsence } from './command/not-here.ts'
import { COMMANDS, HIDDEN, isGroup } from './command/table.ts'
import { unknownFlag, unknownVerb } from './explain.ts'
import { GLOBAL_FLAGS } from './command/global-flags.ts'
import { findCommand } from './words.ts'

const brief = (...argv: string[]) => {
  const found = findCommand(argv)
  if (found.kind === 'command')
    return [found.name, ...found.argv, ...(found.raw === undefined ? [] : ['|', ...found.raw])].join(' ')
  return `${found.kind}: ${'words' in found ? found.words.join(' ') : found.argv.join(' ')}`
}

it.each([
  ['add x', 'add x'],
  ['-C status add -q x', 'add -C status -q x'],
  ['--json --color never status -c', 'status --json --color never -c'],
  ['remote add -d o /x', 'remote add -d o /x'],
  ['-q remote -C dir add o /x', 'remote add -q -C dir o /x'],
  ['remote', 'remote list'],
  ['remote --json', 'remote list --json'],
  ['remote --help', 'help: remote'],
  ['remote foo', 'unknown: foo'],
  ['cache', 'help: cache'],
  ['cache dir /x', 'cache dir /x'],
  ['commit x', 'add -u x'],
  ['move a b', 'mv a b'],
  ['remove a', 'rm a'],
  ['list', 'unknown: ls'],
  ['help add', 'help: add'],
  ['--help', 'overview: --help'],
  ['--version', 'version'],
  ['-V --json', 'version --json'],
  ['hook pre-push --json -- x', 'hook | pre-push --json -- x'],
  ['-C dir hook post-checkout a b 1', 'hook -C dir | post-checkout a b 1'],
  ['constructor', 'unknown: constructor'],
  ['__proto__', 'unknown: __proto__'],
])('art %s', (typed, expected) => expect(brief(...typed.split(' '))).toBe(expected))

it.each(['repro', 'exp', 'run', 'lock', 'smudge'])('%s is said to be out of scope', (verb) => {
  expect(explainAbsence([verb])?.message).toContain('out of scope')
})

it('later verbs are said to be later, and `stage add` is not one of them', () => {
  for (const verb of ['gc', 'ls', 'why']) expect(explainAbsence([verb])?.message).toContain('not in this version yet')
  expect(explainAbsence(['stage', 'add'])?.message).toContain('out of scope')
  expect(explainAbsence(['cache migrate'])?.message).toContain('not in this version yet')
})

it('what was mistyped gets a suggestion', () => {
  const among = Object.keys(COMMANDS)
  const suggestion = (verb: string) => unknownVerb({ words: [verb], among, prefix: '' }).hint
  expect(suggestion('psuh')).toContain('art push')
  expect(suggestion('stat')).toContain('art status')
  expect(suggestion('chekout')).toContain('art checkout')
  expect(suggestion('zzzzzzzz')).toContain('art --help')
  expect(unknownFlag('--qiet', GLOBAL_FLAGS, 'add').hint).toBe('Did you mean --quiet?')
  expect(unknownFlag('--progress-no', GLOBAL_FLAGS, 'add').hint).toContain('after `--`')
})

it('every command loads, and documents its operands and flags', async () => {
  const entries = [...Object.values(COMMANDS), ...Object.values(HIDDEN)].flatMap((entry) =>
    isGroup(entry) ? Object.values(entry.verbs) : [entry],
  )
  for (const { load } of entries) {
    const { command } = await load()
    const letters = Object.values({ ...GLOBAL_FLAGS, ...command.flags }).flatMap((flag) =>
      'alias' in flag && flag.alias ? [flag.alias] : [],
    )
    expect(new Set(letters).size).toBe(letters.length)
    for (const { describe } of [...Object.values(command.flags), ...command.operands]) expect(describe).not.toBe('')
    for (const [line] of command.examples) expect(line).toContain('art ')
  }
})
