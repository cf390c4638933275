import { expect, it } from 'vitest'
import type { ModelFile } from '../../model-file.ts'
import { payload } from '../../payload.ts'
import { bytes, call, get, global, opcodes, type Part, put, repeated, text } from '../../pickle/temporary-pickle.ts'
import { readPyTorch } from './read.ts'
import { dictOf, legacy, rowOf, storageId, tensor, torchZip } from './temporary-torch.ts'

/** A tensor over what a file within the file holds. */
function over(file: Uint8Array): Part[] {
  return rowOf(call('torch.storage', '_load_from_bytes', bytes(file)), 1, 2)
}

async function fileOf(body: readonly Part[], storages?: Uint8Array): Promise<Uint8Array> {
  const source = legacy(body, storages === undefined ? { keys: [], storages: new Uint8Array(0) } : { storages })
  return await source.read(0, source.size)
}

const stored = Buffer.alloc(24)
stored.writeBigInt64LE(4n)
for (let i = 0; i < 4; i++) stored.writeFloatLE(i + 1, 8 + i * 4)

async function read(...body: readonly Part[]): Promise<ModelFile> {
  return await readPyTorch(torchZip(body))
}

it('a storage in a file within the file is one of the model, at no place of its own', async () => {
  const { tensors, warnings } = await read(...dictOf({ a: over(await fileOf(storageId('0'), stored)), b: tensor() }))
  expect(tensors.map(({ name, shape }) => [name, shape])).toEqual([
    ['a', [2]],
    ['b', [4]],
  ])
  expect(warnings).toEqual([])
  expect(tensors[0]!.storage).not.toHaveProperty('place')
  const pieces: Uint8Array[] = []
  for await (const piece of payload(tensors[0]!)) pieces.push(Buffer.from(piece))
  const values = Buffer.concat(pieces)
  expect([values.readFloatLE(0), values.readFloatLE(4)]).toEqual([2, 3])
})

it('files within files are read as deep as anybody writes them', async () => {
  const nest = async (depth: number): Promise<ModelFile> => {
    let file = await fileOf(storageId('0'), stored)
    for (let i = 1; i < depth; i++) file = await fileOf(call('torch.storage', '_load_from_bytes', bytes(file)))
    return await read(...dictOf({ a: over(file), b: tensor() }))
  }
  expect((await nest(8)).tensors).toHaveLength(2)
  const { tensors, warnings } = await nest(50)
  expect(tensors.map(({ name }) => name)).toEqual(['b'])
  expect(warnings).toContain('a nested file of torch.save is not read: it lies in 8 others')
})

it('what is wrong with such a file is a warning, and the rest is read', async () => {
  const whole = await fileOf(storageId('0'), stored)
  for (const [file, why] of [
    [whole.subarray(0, -1), /elements, other than/],
    [whole.subarray(0, 40), /damaged pickle/],
    [Buffer.from('cos\nsystem\n.'), /none that torch.save wrote/],
    [await fileOf(storageId('1'), stored), /storage 0 belongs to no tensor/],
    [Buffer.from('PK\x03\x04'), /it is an archive/],
  ] as const) {
    const { tensors, warnings } = await read(...dictOf({ a: over(file), b: tensor() }))
    expect(tensors.map(({ name }) => name)).toEqual(['b'])
    expect(warnings[0]).toMatch(/^a nested file of torch.save is not read: /)
    expect(warnings[0]).toMatch(why)
  }
})

it('one that is loaded again and again ends with the budget', async () => {
  const load = [global('torch.storage', '_load_from_bytes'), get(0), opcodes('TUPLE1', 'REDUCE')]
  const body: Part[] = [bytes(await fileOf([text('x'.repeat(50_000))], stored)), put(0), 'EMPTY_LIST', 'MARK']
  await expect(read(...body, repeated(Buffer.concat(load), 100_000), 'APPENDS')).rejects.toMatchObject({
    code: 'CORRUPT',
    message: expect.stringContaining('more than a model file can need'),
  })
})
