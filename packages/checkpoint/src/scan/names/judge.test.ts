import { describe, expect, it } from 'vitest'
import { HONEST_GLOBALS } from './honest.ts'
import { judge } from './judge.ts'
import { TORCH_MODULES, TORCH_OPTIMIZERS } from './torch-classes.ts'
import { WEIGHTS_ONLY_GLOBALS, WEIGHTS_ONLY_OPCODES } from './weights-only.ts'

const pairs = (list: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(list).flatMap(([module, names]) =>
    (names.match(/\S+/g) ?? []).map((name): [string, string] => [module, name]),
  )

describe('judge', () => {
  it('lets no deny-list take a name from an allow-list', () => {
    const allowed = [WEIGHTS_ONLY_GLOBALS, HONEST_GLOBALS, TORCH_MODULES, TORCH_OPTIMIZERS].flatMap(pairs)
    expect(allowed.filter(([module, name]) => judge(module, name) !== 'safe')).toEqual([])
  })

  it('has as many opcodes and names as torch', () => {
    expect(WEIGHTS_ONLY_OPCODES.size).toBe(34)
    expect(pairs(WEIGHTS_ONLY_GLOBALS)).toHaveLength(144)
  })

  it('allows a name as what it is, and nothing that can be reached through it', () => {
    expect(judge('collections', 'OrderedDict')).toBe('safe')
    expect(judge('collections', 'OrderedDict.fromkeys')).toBe('unknown')
    expect(judge('collections', 'OrderedDict.__init__.__globals__')).toBe('unsafe')
    expect(judge('torch.nn.modules.linear', 'math')).toBe('unknown')
  })

  it.each([
    ['posix', 'system'],
    ['os.path', 'join'],
    ['torch', 'serialization.os.system'],
    ['torch', 'hub.load'],
    ['torch.hub', 'load_state_dict_from_url'],
    ['numpy', 'lib.npyio.load'],
    ['builtins', 'eval.__call__'],
    ['__builtin__', 'execfile'],
    ['commands', 'getoutput'],
    ['somewhere', 'eval'],
    ['somewhere', 'helper.subprocess.run'],
    ['os', '?'],
  ])('knows %s %s to be dangerous', (module, name) => {
    expect(judge(module, name)).toBe('unsafe')
  })

  it('reads names of Python 2 as Python 3 does', () => {
    expect(judge('__builtin__', 'set')).toBe('safe')
    expect(judge('__builtin__', 'xrange')).toBe('safe')
    expect(judge('copy_reg', '_reconstructor')).toBe('safe')
    expect(judge('__builtin__', 'reduce')).toBe('unknown')
  })

  it('does not know a user’s own classes, unless they are allowed', () => {
    expect(judge('__main__', 'Net')).toBe('unknown')
    expect(judge('project.models.net', 'Net')).toBe('unknown')
    expect(judge('project.models.net', 'Net', ['project.models.net.Net'])).toBe('safe')
    expect(judge('project.models.net', 'Net', ['project.*'])).toBe('safe')
    expect(judge('projects', 'Net', ['project.*'])).toBe('unknown')
    expect(judge('project', 'os.system', ['project.*'])).toBe('unsafe')
  })

  it('takes an exact name of the user’s even where it is dangerous, and no wildcard', () => {
    expect(judge('operator', 'attrgetter', ['operator.attrgetter'])).toBe('safe')
    expect(judge('operator', 'attrgetter', ['operator.*'])).toBe('unsafe')
    expect(judge('__builtin__', 'getattr', ['builtins.getattr'])).toBe('safe')
  })

  it('is not misled by names that JavaScript knows', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(judge(name, name)).toBe('unknown')
    }
  })
})
