import { describe, expect, it } from 'vitest'
import { bytesSource } from '../../source/bytes.ts'
import { countingSource } from '../../source/counting.ts'
import { fileSource } from '../../source/file.ts'
import { makeZip } from '../../zip/temporary-zip.ts'
import { codeOf, expectTensors, factOf, factsOf, MODELS, withModel } from '../temporary-facts.ts'
import { readNpy } from './npy.ts'
import { readNpz } from './npz.ts'
import { stateDictOf } from '../../weights/state-dict.ts'

/** Of these torch has no type. */
const FOREIGN = /^(long-double|dates|durations|bytes|text|structured|nested|bfloat16)\.npy$/

function npyOf(header: string, dataBytes = 0, version = 1): Buffer {
  const text = Buffer.from(header, 'latin1')
  const start = Buffer.from(`\x93NUMPY\x01\0\0\0${version === 1 ? '' : '\0\0'}`, 'latin1')
  start[6] = version
  if (version === 1) start.writeUInt16LE(text.length, 8)
  else start.writeUInt32LE(text.length, 8)
  return Buffer.concat([start, text, Buffer.alloc(dataBytes)])
}

const read = (bytes: Buffer) => readNpy(bytesSource('x.npy', bytes))
const header = (shape: string, descr = "'<f4'", order = 'False'): string =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`

describe('NumPy', () => {
  it.each(factsOf('numpy'))('%s is what NumPy says', async (file, facts) => {
    await withModel(`numpy/${file}`, async (model) => {
      expect(model.format).toBe(file.endsWith('.npz') ? 'npz' : 'npy')
      expect(model.warnings).toHaveLength(FOREIGN.test(file) ? 1 : 0)
      expect(model.tensors.map(({ name }) => name)).toEqual(facts.tensors.map(({ name }) => name))
      await expectTensors(model, facts.tensors, 'numpy', file)
    })
  })

  it('objects are told, and their pickle is not read', async () => {
    await withModel('numpy/objects.npy', async ({ tensors, warnings }) => {
      expect(tensors).toEqual([expect.objectContaining({ dtype: 'object', shape: [2], storage: undefined })])
      expect(warnings).toEqual([expect.stringContaining('pickle')])
    })
  })

  it('objects are no weights: no digest could tell them apart', async () => {
    const floats = npyOf(header('(1,)', "'|u1'"), 1)
    const objects = npyOf(header('(1,)', "'|O'"), 9)
    const members = [
      { name: 'w.npy', data: floats },
      { name: 'o.npy', data: objects },
    ]
    const model = await readNpz(bytesSource('x', makeZip(members)))
    expect(model.tensors.map(({ name }) => name)).toEqual(['w', 'o'])
    expect(stateDictOf(model).weights.map(({ name }) => name)).toEqual(['w'])
  })

  it('archives are read without their data', async () => {
    const source = countingSource(await fileSource(`${MODELS}/numpy/weights.npz`))
    const { tensors } = await readNpz(source)
    expect(source.touched()).toBeLessThan(5_000)
    expect(tensors.find(({ name }) => name === 'large')?.bytes).toBe(76_800)
    await source.close()
  })

  it('archives give the last of two arrays, as NumPy does, and name what is none', async () => {
    const [first, last] = [npyOf(header('(1,)', "'|u1'"), 1), npyOf(header('(2,)', "'|u1'"), 2)]
    const members = [
      { name: 'a.npy', data: first },
      { name: 'readme', data: first },
      { name: 'a.npy', data: last, deflate: true },
    ]
    const { tensors, warnings } = await readNpz(bytesSource('x', makeZip(members)))
    expect(tensors.map(({ name, shape }) => [name, shape])).toEqual([['a', [2]]])
    expect((await factOf(tensors[0]!)).bytes).toBe(2)
    expect(warnings).toHaveLength(2)
  })

  it.each([
    ['bytes behind it', npyOf(header('(1,)'), 10)],
    ['two arrays in one file', Buffer.concat([npyOf(header('(1,)'), 4), npyOf(header('(1,)'), 4)])],
  ])('with %s tells so', async (_, bytes) => {
    expect((await read(bytes)).warnings).toEqual([expect.stringContaining('follow the array')])
  })

  it.each([
    ['a call', "{'descr': __import__('os').system('id'), 'fortran_order': False, 'shape': (1,)}"],
    ['an expression', header('(1+1,)')],
    ['a comprehension', header('(x for x in y)')],
    ['a name', header('(1,)', 'evil')],
    ['an f-string', header('(1,)', "f'{x}'")],
    ['a key too many', "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}"],
    ['a key twice', "{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (1,)}"],
    ['a list for a shape', header('[1]')],
    ['a number for a shape', header('(1)')],
    ['a negative size', header('(-1,)')],
    ['a shape that overflows', header('(4294967296, 4294967296)')],
    ['bytes that overflow', header('(9007199254740991,)', "'<f8'")],
    ['a thousand dimensions', header(`(${'1,'.repeat(1_000)})`)],
    ['no data', header('(1,)')],
    ['a descr of nonsense', header('(1,)', "'<q9'")],
    ['a size that no float has', header('(1,)', "'<f3'")],
    ['fields without end', header('(1,)', `[${"('a', '<f4'), ".repeat(15_000)}]`)],
    ['fields in fields', header('(1,)', `${"[('a', ".repeat(3_000)}'<f4'${')]'.repeat(3_000)}`)],
    ['an order that is none', header('(1,)', "'<f4'", '0')],
    ['brackets 60,000 deep', '('.repeat(60_000)],
    ['a string without end', `{'${'a'.repeat(60_000)}`],
    ['nothing', ''],
  ])('with %s in its header is refused', async (_, text) => {
    expect(await codeOf(() => read(npyOf(text, 0, 3)))).toBe('CORRUPT')
  })

  it('of a later version says so, of an endless header too', async () => {
    expect(await codeOf(() => read(npyOf(header('(1,)'), 4, 4)))).toBe('UNSUPPORTED')
    const endless = npyOf(header('(1,)'), 4, 2)
    endless.writeUInt32LE(0xffff_ffff, 8)
    expect(await codeOf(() => read(endless))).toBe('CORRUPT')
    for (let length = 0; length < 12; length++)
      expect(await codeOf(() => read(endless.subarray(0, length)))).toBe('CORRUPT')
  })
})
