import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../model-file.ts'
import { payload } from '../../payload.ts'
import {
  artError,
  call,
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
} from '../../pickle/temporary-pickle.ts'
import { bytesSource } from '../../source/bytes.ts'
import { countingSource } from '../../source/counting.ts'
import type { Source } from '../../source.ts'
import { makeZip } from '../../zip/temporary-zip.ts'
import { readPyTorch } from './read.ts'
import { dictOf, legacy, storageId, tensor, torchZip, rowOf } from './temporary-torch.ts'

async function outcome(source: Source): Promise<string> {
  try {
    const { tensors } = await readPyTorch(source)
    return `${tensors.length} tensors`
  } catch (error) {
    const { code, path, message } = artError(error)
    return `${code} ${path === undefined ? '' : 'with path'}: ${message}`
  }
}

const huge = integer(2 ** 53 - 1)
const beyond = Buffer.concat([opcodes('LONG1'), Buffer.of(9), Buffer.alloc(8), Buffer.of(1)])

describe.each<[string, (body: Part[]) => Source]>([
  ['zip', (body) => torchZip(body)],
  ['legacy', (body) => legacy(body)],
])('a tensor in a %s file', (_, around) => {
  it('is read where it lies inside its storage', async () => {
    expect(await outcome(around(tensor()))).toBe('1 tensors')
    expect(await outcome(around(tensor({ size: [2], offset: 2 })))).toBe('1 tensors')
    expect(await outcome(around(tensor({ size: [0, 5], stride: [5, 1], offset: 99 })))).toBe('1 tensors')
  })

  it.each<[string, Parameters<typeof tensor>[0]]>([
    ['more elements than there are', { size: [5] }],
    ['an offset that is too large', { offset: 1 }],
    ['a negative offset', { offset: -1 }],
    ['an offset of 2^53', { offset: huge }],
    ['an offset of 2^64', { offset: beyond }],
    ['a negative size', { size: [-4] }],
    ['a shape that overflows', { size: [2 ** 40, 2 ** 40], stride: [0, 0] }],
    ['a shape that overflows by strides', { size: [2 ** 27, 2 ** 27], stride: [2 ** 40, 1] }],
    ['a size of 2^64', { size: [beyond] }],
    ['a size that is no number', { size: [text('4')] }],
    ['a negative stride', { size: [2], stride: [-1] }],
    ['a stride out of it', { size: [2], stride: [4] }],
    ['fewer strides than dimensions', { size: [2, 2], stride: [1] }],
    [
      'a thousand dimensions',
      { size: Array.from({ length: 1_001 }, () => 1), stride: Array.from({ length: 1_001 }, () => 1) },
    ],
    ['a storage of a negative size', { numel: -4 }],
    ['a storage of 2^53 elements', { numel: huge }],
    ['a storage that is larger than its bytes', { numel: 5 }],
    ['a storage that is not there', { key: '1' }],
  ])('is refused with %s', async (__, broken) => {
    expect(await outcome(around(tensor(broken)))).toMatch(/^CORRUPT with path: damaged model file: /)
  })

  it('is refused where few bytes stand for any number of elements', async () => {
    const repeatedOnce = tensor({ size: [2 ** 40], stride: [0] })
    expect(await outcome(around(repeatedOnce))).toMatch(/^CORRUPT with path: its tensors repeat/)
    expect(await outcome(around(tensor({ size: [1_000_000], stride: [0] })))).toBe('1 tensors')
  })

  it('is not listed without end where containers are shared', async () => {
    const shared = (first: Part[]): Part[] => {
      let body: Part[] = [...first, put(0), 'POP']
      for (let i = 1; i <= 40; i++) {
        body = body.concat('EMPTY_LIST', get(i - 1), 'APPEND', get(i - 1), 'APPEND', put(i), 'POP')
      }
      return body.concat(get(40))
    }
    expect(await outcome(around(shared(tensor())))).toMatch(/^CORRUPT with path: /)
    expect(await outcome(around(dictOf({ all: shared(['EMPTY_LIST']), w: tensor() })))).toBe('1 tensors')
  })

  it('may be called what traps JavaScript', async () => {
    const names = ['__proto__', 'constructor', 'then', 'toJSON', '', 'a.b']
    const { tensors } = await readPyTorch(around(dictOf(names.map((name) => [name, tensor()]))))
    expect(tensors.map(({ name }) => name)).toEqual(names)
  })

  it('warns of names that are one once they are joined', async () => {
    const { warnings } = await readPyTorch(around(dictOf({ 'a.b': tensor(), a: dictOf({ b: tensor() }) })))
    expect(warnings).toEqual(['two tensors are named a.b'])
  })

  it('is found in a module that holds itself', async () => {
    const state = dictOf({
      _parameters: dictOf({ w: tensor() }),
      _buffers: ['EMPTY_DICT'],
      _modules: dictOf({ me: [get(0)] }),
    })
    const { tensors } = await readPyTorch(around([...call('a', 'Net'), put(0), ...state, 'BUILD']))
    expect(tensors.map(({ name }) => name)).toEqual(['w'])
  })

  it('does not import or call what the pickle names', async () => {
    const body = dictOf({ evil: call('os', 'system', text('touch /tmp/pwned')), w: tensor() })
    const file = await readPyTorch(around(body))
    expect(file.imports).toContain('os.system')
    expect(file.tensors).toHaveLength(1)
  })

  it('is refused where the id of its storage is strange', async () => {
    const unknown = [
      ...tupleOf(text('storage'), global('os', 'system'), text('0'), text('cpu'), integer(4)),
      'BINPERSID',
    ] as Part[]
    expect(await outcome(around(rowOf(unknown, 0, 1)))).toMatch(/^CORRUPT/)
    // A view is the legacy format's alone, but means the same in either.
    expect(await outcome(around(rowOf(storageId('0', 4, ...tupleOf(text('v'), integer(3), integer(1))), 0, 1)))).toBe(
      '1 tensors',
    )
    expect(
      await outcome(around(rowOf(storageId('0', 4, ...tupleOf(text('v'), integer(3), integer(2))), 0, 1))),
    ).toMatch(/^CORRUPT/)
    const nameless = rowOf([text('nothing'), 'BINPERSID'], 0, 1)
    expect(await outcome(around(dictOf({ a: nameless, b: tensor() })))).toBe('1 tensors')
  })
})

describe('a zip file of torch', () => {
  it('is refused where a pickle inflates to more than may be held', async () => {
    const bomb = Buffer.concat([repeated(opcodes('NONE'), 3_000_000), Buffer.from('.')])
    const source = bytesSource('b', makeZip([{ name: 'm/data.pkl', data: bomb, deflate: true }]))
    const limits = { ...LIMITS, tableBytes: 1_000_000 }
    await expect(readPyTorch(source, { limits })).rejects.toMatchObject({ code: 'CORRUPT' })
    const lying = makeZip([{ name: 'm/data.pkl', data: bomb, deflate: true, central: { size: 10 } }])
    expect(await outcome(bytesSource('b', lying))).toMatch(/^CORRUPT/)
  })

  it('is refused where a size lies, or two headers disagree about where the data are', async () => {
    const bad = torchZip(tensor(), [{ name: 'm/data/0', data: Buffer.alloc(16), central: { size: 1 << 30 } }])
    const { tensors } = await readPyTorch(bad).catch(() => ({ tensors: [] }))
    for (const each of tensors) await expect(payload(each).next()).rejects.toMatchObject({ code: 'CORRUPT' })
    const far = torchZip(tensor(), [{ name: 'm/data/0', data: Buffer.alloc(16), central: { offset: 0xffff_0000 } }])
    expect(await outcome(far)).toMatch(/^CORRUPT/)
  })

  it('warns where two records have one name', async () => {
    const double = { name: 'm/DATA.pkl', data: pickle(tensor({ size: [2] })) }
    const { warnings } = await readPyTorch(torchZip(tensor(), [double]))
    expect(warnings).toEqual(['two records are named data.pkl: not every reader takes the same'])
  })

  it('is refused with another order of bytes than little or big', async () => {
    const bytes = makeZip([
      { name: 'm/data.pkl', data: pickle('NONE') },
      { name: 'm/byteorder', data: Buffer.from('middle') },
    ])
    expect(await outcome(bytesSource('m', bytes))).toMatch(/^CORRUPT/)
  })

  it('is told from other archives', async () => {
    const other = makeZip([{ name: 'readme', data: Buffer.from('x') }])
    expect(await outcome(bytesSource('m', other))).toMatch(/^UNSUPPORTED with path: /)
    const older = makeZip([{ name: 'm/model.json', data: Buffer.from('{}') }])
    expect(await outcome(bytesSource('m', older))).toMatch(/^UNSUPPORTED with path: TorchScript of a version before/)
    expect(await outcome(bytesSource('m', Buffer.from('PK\x03\x04')))).toMatch(/^UNSUPPORTED|^CORRUPT/)
  })
})

describe('a legacy file', () => {
  const count = (value: bigint): Buffer => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(value)
    return bytes
  }

  it.each<[string, Parameters<typeof legacy>[1]]>([
    ['counts fewer elements than its tensors', { storages: Buffer.concat([count(3n), Buffer.alloc(16)]) }],
    ['counts 2^62 elements', { storages: Buffer.concat([count(2n ** 62n), Buffer.alloc(16)]) }],
    ['counts -4 elements', { storages: Buffer.concat([count(-4n), Buffer.alloc(16)]) }],
    ['is cut off in a storage', { storages: Buffer.concat([count(4n), Buffer.alloc(15)]) }],
    ['is cut off before a storage', { storages: Buffer.alloc(3) }],
    ['does not list a storage', { keys: [] }],
    ['lists a storage that no tensor has', { keys: ['0', '1'] }],
    [
      'lists a storage twice',
      { keys: ['0', '0'], storages: Buffer.concat([count(4n), Buffer.alloc(16), count(4n), Buffer.alloc(16)]) },
    ],
  ])('is refused where it %s', async (_, broken) => {
    expect(await outcome(legacy(tensor(), broken))).toMatch(/^CORRUPT with path: damaged model file/)
  })

  it('is not read beyond its pickles where one does not end', async () => {
    const body = Buffer.concat([
      Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex'),
      repeated(opcodes('NEWTRUE'), 40_000_000),
    ])
    const source = countingSource(bytesSource('m', body))
    expect(await outcome(source)).toMatch(/^CORRUPT with path: damaged pickle: the one at byte 15 does not end/)
    expect(source.bytes).toBeLessThan(20_000_000)
  })

  it('is not read for the length that a text claims', async () => {
    const claim = Buffer.concat([
      Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex'),
      Buffer.from('58ffffff7f', 'hex'),
      Buffer.alloc(1_000_000),
    ])
    const source = countingSource(bytesSource('m', claim))
    expect(await outcome(source)).toMatch(/^CORRUPT/)
    expect(source.bytes).toBeLessThan(20_000)
  })

  it('is told from other pickles', async () => {
    expect(await outcome(bytesSource('m', Buffer.concat([Buffer.of(0x80, 2), pickle('NONE')])))).toMatch(
      /^UNSUPPORTED with path/,
    )
    expect(await outcome(bytesSource('m', Buffer.alloc(0)))).toMatch(/^UNSUPPORTED with path/)
  })
})
