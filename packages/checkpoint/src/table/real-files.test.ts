import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { exportMetadata } from '../safetensors-writer/metadata.ts'
import { readModel } from '../format/read.ts'
import type { ModelFile } from '../model-file.ts'
import { safetensorsFile } from '../safetensors-writer/write.ts'
import { besideFolder } from '../source/beside.ts'
import { bytesSource } from '../source/bytes.ts'
import { fileSource } from '../source/file.ts'
import { type DigestEntry, weightsDigest } from '../weights/digest.ts'
import { stateDictOf, weightTensors } from '../weights/state-dict.ts'
import { type DescribeOptions, describeModel } from './describe.ts'
import { decodeTable } from './decode.ts'
import { encodeTable } from './encode.ts'
import { weightRanges, weightsOf } from './model.ts'
import type { TensorTable } from './table.ts'

const folder = fileURLToPath(new URL('../../../../test/data/weights/', import.meta.url))

interface Numbers {
  mean: number
  std: number | null
  min: number
  max: number
}

/** What torch says of the model that all files hold; its digest computed by Python from docs/formats.md. */
const torch = JSON.parse(readFileSync(join(folder, 'weights.json'), 'utf8')) as {
  weights: string
  oneBit: string
  parameters: number
  tensors: Record<string, Numbers>
}

const FILES = [
  'seed.pth',
  'bare.legacy.pth',
  'parallel.pth',
  'compiled.pth',
  'averaged.pth',
  'channels_last.pth',
  'whole.pth',
  'copies.safetensors',
  'shared.safetensors',
  'tied.safetensors',
  'sharded/model.safetensors.index.json',
]

async function withFile<T>(name: string, use: (file: ModelFile) => Promise<T>): Promise<T> {
  const path = join(folder, name)
  const source = await fileSource(path)
  const file = await readModel(source, { openBeside: besideFolder(dirname(path)) })
  try {
    return await use(file!)
  } finally {
    await file!.close?.()
    await source.close()
  }
}

const describeFile = (name: string, options: DescribeOptions): Promise<TensorTable> =>
  withFile(name, (file) => describeModel(file, options))

const pathOf = (name: string) => (file: string | undefined) =>
  file === undefined ? join(folder, name) : join(folder, dirname(name), file)

async function written(
  file: ModelFile,
  shared: 'copy' | 'alias',
  metadata?: Map<string, string>,
): Promise<{ bytes: Buffer; digest: string }> {
  const entries: DigestEntry[] = []
  const onTensor = (entry: DigestEntry) => void entries.push(entry)
  const target = safetensorsFile(weightTensors(file, stateDictOf(file)), { shared, metadata, onTensor })
  const parts: Uint8Array[] = []
  for await (const part of target.write()) parts.push(Uint8Array.from(part))
  const bytes = Buffer.concat(parts)
  expect(bytes.length).toBe(target.size)
  return { bytes, digest: weightsDigest(entries) }
}

describe('one model in files of many layouts, written by torch and safetensors', () => {
  it.each(FILES)('%s has its digest, its parameters and its statistics', async (name) => {
    const byThreads = await describeFile(name, { measure: 'everything', pathOf: pathOf(name) })
    const bySource = await describeFile(name, { measure: 'everything' })
    expect(bySource).toEqual(byThreads)
    const { facts, tensors } = decodeTable(encodeTable(byThreads))
    expect(facts.weights).toBe(torch.weights)
    // Files that hold the tied weight twice do not tell that it is one.
    const twice = /copies|sharded/.test(name) ? 24 : 0
    expect(facts.parameters).toBe(torch.parameters + twice)
    for (const [weight, { mean, std, min, max }] of Object.entries(torch.tensors)) {
      const found = tensors.find((tensor) => tensor.weight === weight)
      if (found === undefined) expect(name).toBe('tied.safetensors')
      else if (std === null) expect(found.statistics).toEqual({ mean, min, max, nan: 0, infinite: 0 })
      else {
        expect(found.statistics).toMatchObject({ min, max, nan: 0, infinite: 0 })
        expect(found.statistics!.mean).toBeCloseTo(mean, 14)
        expect(found.statistics!.std).toBeCloseTo(std, 14)
      }
    }
  })

  it('differs where one bit of one weight does', async () => {
    const { facts } = await describeFile('one_bit.pth', { measure: 'weights' })
    expect(facts.weights).toBe(torch.oneBit)
  })

  it('has the facts that the seed layout keeps', async () => {
    const { facts, enclosing, others } = await describeFile('seed.pth', { measure: 'weights' })
    expect([enclosing, others]).toEqual(['model_state_dict', []])
    expect(facts).toMatchObject({ format: 'pytorch', epoch: 3, resumeEpoch: 4, weights: torch.weights })
    expect([...facts.metrics]).toEqual([['val_acc', 0.915]])
    expect([...facts.config]).toEqual([
      ['lr', 0.001],
      ['epochs', 5],
    ])
    expect(facts.optimizers).toMatchObject([{ kind: 'Adam', steps: 2, lr: [0.001] }])
    expect([...(await describeFile('parallel.pth', {})).facts.metrics.keys()]).toEqual(['best'])
  })

  it.each(FILES)('%s is exported as the safetensors library writes it, byte for byte', async (name) => {
    const isSeparate = /copies|sharded/.test(name)
    const metadata = isSeparate ? new Map([['format', 'pt']]) : new Map([['wte.weight', 'head.weight']])
    const copies = await withFile(name, (file) => written(file, 'copy', metadata))
    const reference = isSeparate ? 'copies.safetensors' : 'shared.safetensors'
    expect(copies.digest).toBe(torch.weights)
    // One that save_model wrote has a single storage for both names again once it is exported.
    expect(copies.bytes.equals(readFileSync(join(folder, reference)))).toBe(true)
    const aliases = await withFile(name, (file) => written(file, 'alias', metadata))
    expect(aliases.digest).toBe(torch.weights)
    if (!isSeparate && name !== 'shared.safetensors') {
      expect(aliases.bytes.equals(readFileSync(join(folder, 'tied.safetensors')))).toBe(true)
    }
    const file = await readModel(bytesSource('exported', aliases.bytes))
    expect((await describeModel(file!, { measure: 'weights' })).facts.weights).toBe(torch.weights)
  })

  it('can be put together from its weights alone, and has the facts it had', async () => {
    const table = await describeFile('seed.pth', { measure: 'weights' })
    const bytes = readFileSync(join(folder, 'seed.pth'))
    const partial = Buffer.alloc(bytes.length)
    let fetched = 0
    for (const { offset, length } of weightRanges(table)!) {
      bytes.copy(partial, offset, offset, offset + length)
      fetched += length
    }
    expect(fetched).toBe(
      table.tensors
        .filter(({ name }) => /^model.*(?:conv|bn|wte)/.test(name))
        .reduce((sum, { bytes: size }) => sum + size, 0),
    )
    const entries: DigestEntry[] = []
    const target = safetensorsFile(
      weightsOf(table, () => bytesSource('partial', partial)),
      {
        metadata: exportMetadata(table.facts, new Map()),
        onTensor: (entry) => void entries.push(entry),
      },
    )
    const parts: Uint8Array[] = []
    for await (const part of target.write()) parts.push(Uint8Array.from(part))
    expect(weightsDigest(entries)).toBe(torch.weights)
    const file = await readModel(bytesSource('weights', Buffer.concat(parts)))
    const again = await describeModel(file!, { measure: 'weights' })
    expect(again.facts).toEqual({ ...table.facts, format: 'safetensors', optimizers: [] })
  })
})
