import { describe, expect, it } from 'vitest'
import {
  bytes,
  call,
  get,
  global,
  integer,
  opcodes,
  type Part,
  put,
  text,
  tupleOf,
} from '../../pickle/temporary-pickle.ts'
import { readPyTorch } from './read.ts'
import { dictOf, storageId, tensor, torchZip } from './temporary-torch.ts'

async function namesOf(...body: Part[]): Promise<string[]> {
  const { tensors } = await readPyTorch(torchZip(body))
  return tensors.map(({ name }) => name)
}

const named = (...names: string[]): Part[] => dictOf(Object.fromEntries(names.map((name) => [name, tensor()])))
const moduleState = (parameters: Part[], buffers: Part[], modules: Part[], more: [string, Part[]][] = []): Part[] =>
  dictOf([
    ['training', ['NEWTRUE']],
    ['_parameters', parameters],
    ['_buffers', buffers],
    ...more,
    ['_modules', modules],
  ])

describe('the name of a tensor', () => {
  it('is the way that leads to it', async () => {
    const list: Part[] = ['EMPTY_LIST', 'MARK', ...tensor(), 'NONE', ...named('w'), 'APPENDS']
    expect(await namesOf(...dictOf({ a: list, b: tupleOf(...tensor()) }))).toEqual(['a.0', 'a.2.w', 'b.0'])
    expect(await namesOf(...tensor())).toEqual([''])
  })

  it('has keys that are no text as Python prints them', async () => {
    const keys: Part[][] = [
      [integer(7)],
      ['NONE'],
      ['NEWFALSE'],
      [bytes(Buffer.from('k'))],
      tupleOf(text('a'), integer(1)),
      call('a', 'B'),
    ]
    const entries = keys.flatMap((key) => [...key, ...tensor()])
    expect(await namesOf('EMPTY_DICT', 'MARK', ...entries, 'SETITEMS')).toEqual([
      '7',
      'None',
      'False',
      'k',
      '(a, 1)',
      '5',
    ])
  })

  it('is that of the state dict for a module, without buffers that are not in it', async () => {
    const inner = [...call('a', 'Inner'), ...moduleState(named('w'), ['EMPTY_DICT'], ['EMPTY_DICT']), 'BUILD'] as Part[]
    const transient: [string, Part[]] = ['_non_persistent_buffers_set', ['EMPTY_SET', 'MARK', text('tmp'), 'ADDITEMS']]
    const state = moduleState(named('w'), named('mean', 'tmp'), dictOf({ in: inner, none: ['NONE'] }), [transient])
    const whole = [...call('a', 'Net'), ...state, 'BUILD'] as Part[]
    expect(await namesOf(...whole)).toEqual(['w', 'mean', 'in.w'])
    expect(await namesOf(...dictOf({ model: whole }))).toEqual(['model.w', 'model.mean', 'model.in.w'])
  })

  it('is that of the state dict for a graph module, whose code is not run', async () => {
    const attributes = moduleState(named('w'), ['EMPTY_DICT'], ['EMPTY_DICT'])
    const source = text('import os; os.system("touch /tmp/pwned")')
    expect(await namesOf(...call('torch.fx.graph_module', 'reduce_graph_module', ...attributes, source))).toEqual(['w'])
  })

  it('is given to a module that is used twice under both of its names, and to any other object once', async () => {
    const inner = [
      ...call('a', 'Inner'),
      ...moduleState(named('w'), ['EMPTY_DICT'], ['EMPTY_DICT']),
      'BUILD',
      put(3),
    ] as Part[]
    expect(await namesOf(...dictOf({ a: inner, b: [get(3)] }))).toEqual(['a.w', 'b.w'])
    const other = [...call('a', 'Other'), ...named('w'), 'BUILD', put(3)] as Part[]
    expect(await namesOf(...dictOf({ a: other, b: [get(3)] }))).toEqual(['a.w'])
    const shared = [...named('w'), put(3)] as Part[]
    expect(await namesOf(...dictOf({ a: shared, b: [get(3)] }))).toEqual(['a.w', 'b.w'])
  })

  it('leads through whatever else holds tensors: arguments, items, slots, a state that is no dict', async () => {
    expect(await namesOf(...call('a', 'B', ...tensor(), 'NONE', ...tensor()))).toEqual(['0', '2'])
    expect(await namesOf(...call('a', 'B'), 'MARK', ...tensor(), 'APPENDS')).toEqual(['0'])
    expect(await namesOf(...call('a', 'B'), ...tupleOf('NONE', ...named('slot')), 'BUILD')).toEqual(['slot'])
    expect(await namesOf(...call('a', 'B'), ...tupleOf(...tensor(), 'NONE', 'NONE'), 'BUILD')).toEqual(['0'])
    expect(await namesOf(...call('a', 'B'), ...tensor(), 'BUILD')).toEqual(['state'])
  })

  it('leads through a tensor that is made of others', async () => {
    const subclass = (rebuild: string): Part[] =>
      call(
        'torch._tensor',
        '_rebuild_from_type_v2',
        global('torch._utils', rebuild),
        global('a', 'Quantized'),
        ...tupleOf(global('a', 'Quantized'), global('torch', 'float32')),
        ...named('data', 'scale'),
      )
    for (const rebuild of ['_rebuild_wrapper_subclass', '_rebuild_of_the_future']) {
      expect(await namesOf(...dictOf({ w: subclass(rebuild) }))).toEqual(['w.data', 'w.scale'])
    }
  })
})

describe('a tensor that art does not understand', () => {
  it('is left out, and told', async () => {
    const future = call(
      'torch._utils',
      '_rebuild_tensor_v3',
      ...storageId('0'),
      integer(0),
      ...tupleOf(integer(4)),
      ...tupleOf(integer(1)),
      'NEWFALSE',
      'NONE',
      global('torch', 'float3_e1m1'),
    )
    const { tensors, warnings } = await readPyTorch(torchZip(dictOf({ a: future, b: tensor() })))
    expect(tensors.map(({ name }) => name)).toEqual(['b'])
    expect(warnings).toEqual([
      'a tensor is left out: art does not understand this call of torch._utils._rebuild_tensor_v3',
    ])
  })

  it('may be inside a file within the file that cannot be read', async () => {
    const nested = call('torch.storage', '_load_from_bytes', bytes(Buffer.from('…')))
    const { warnings, imports } = await readPyTorch(torchZip(dictOf({ a: nested, b: tensor() })))
    expect(warnings).toEqual([expect.stringMatching(/^a nested file of torch.save is not read: damaged pickle/)])
    expect(imports).toContain('torch.storage._load_from_bytes')
  })

  it('is still one where its numbers only become plain later', async () => {
    const size = call('torch', 'Size', ...tupleOf(integer(4)))
    const late = call(
      'torch._utils',
      '_rebuild_tensor_v2',
      ...storageId('0'),
      integer(0),
      ...size,
      ...tupleOf(integer(1)),
      'NEWFALSE',
      opcodes('NONE'),
    )
    expect(await namesOf(...dictOf({ w: late }))).toEqual(['w'])
  })
})
