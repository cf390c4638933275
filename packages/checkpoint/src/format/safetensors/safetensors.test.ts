import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Source } from '../../source.ts'
import { bytesSource } from '../../source/bytes.ts'
import { countingSource } from '../../source/counting.ts'
import { codeOf, expectTensors, factsOf, MODELS, withModel } from '../temporary-facts.ts'
import { readSafetensors } from './safetensors.ts'
import { readShardedSafetensors } from './sharded.ts'

interface Verdict {
  what: string
  bytes: string
  accepted: boolean
}

const verdicts = JSON.parse(readFileSync(`${MODELS}/safetensors/verdicts.json`, 'utf8')) as Verdict[]
/** The reference library takes the last of two; which one a reader takes must not decide what a model is. */
const STRICTER = new Set(['a name twice', 'a metadata key twice'])

function fileOf(header: string, dataBytes: number): Source {
  const text = Buffer.from(header)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return bytesSource('x.safetensors', Buffer.concat([length, text, Buffer.alloc(dataBytes)]))
}

describe('safetensors', () => {
  it.each(factsOf<{ metadata: Record<string, unknown> }>('safetensors'))(
    'of %s are what the library says',
    async (file, facts) => {
      await withModel(`safetensors/${file}`, async (model) => {
        expect(model.format).toBe('safetensors')
        expect(model.metadata).toEqual(new Map(Object.entries(facts.metadata)))
        expect(model.warnings).toEqual([])
        await expectTensors(model, facts.tensors, 'safetensors', file)
      })
    },
  )

  it.each(verdicts)('with $what are taken or refused as the library does', async ({ what, bytes, accepted }) => {
    const code = await codeOf(() => readSafetensors(bytesSource('x', Buffer.from(bytes, 'hex'))))
    expect(code).toBe(accepted && !STRICTER.has(what) ? 'none' : 'CORRUPT')
  })

  it('are read without their data', async () => {
    const header = '{"a":{"dtype":"F32","shape":[250000],"data_offsets":[0,1000000]}}'
    const source = countingSource(fileOf(header, 1_000_000))
    await readSafetensors(source)
    expect(source.bytes).toBe(8 + header.length)
  })

  it.each([
    ['lists', `{"a":${'['.repeat(100_000)}`],
    ['objects', '{"a":'.repeat(100_000)],
    ['strings without end', `{"${'a'.repeat(1_000_000)}`],
    ['a million names', `{${Array.from({ length: 100_000 }, (_, i) => `"${i}":`).join(',')}`],
    ['a number of a million digits', `{"a":{"shape":[${'9'.repeat(1_000_000)}]}}`],
  ])('of %s are refused, without a crash', async (_, header) => {
    expect(await codeOf(() => readSafetensors(fileOf(header, 0)))).toBe('CORRUPT')
  })
})

describe('sharded safetensors', () => {
  const shard = (name: string) => fileOf(`{"${name}":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1)
  const index = (map: Record<string, string>) => bytesSource('index', Buffer.from(JSON.stringify({ weight_map: map })))

  it('name the shard that is missing, and close the others', async () => {
    let open = 0
    const beside = async (file: string): Promise<Source | undefined> => {
      if (file !== 'one') return undefined
      open++
      return { ...shard('a'), close: async () => void open-- }
    }
    const read = readShardedSafetensors(index({ a: 'one', b: 'two.safetensors' }), beside)
    await expect(read).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('two.safetensors') })
    expect(open).toBe(0)
  })

  it('close their files when they are closed', async () => {
    let open = 0
    const beside = async (file: string): Promise<Source> => {
      open++
      return { ...shard(file), close: async () => void open-- }
    }
    const model = await readShardedSafetensors(index({ a: 'a', b: 'b' }), beside)
    expect(open).toBe(2)
    await model.close?.()
    expect(open).toBe(0)
  })

  it.each(['../x', '/etc/passwd', 'a/../../x', 'C:\\x', ''])('in %s are never opened', async (file) => {
    const beside = async (): Promise<Source> => {
      throw new Error('opened')
    }
    expect(await codeOf(() => readShardedSafetensors(index({ a: file }), beside))).toBe('PATH_UNSAFE')
  })

  it('must hold what the index says, and tell what it does not', async () => {
    const beside = async (): Promise<Source> => shard('a')
    expect(await codeOf(() => readShardedSafetensors(index({ b: 'x' }), beside))).toBe('CORRUPT')
    const { warnings } = await readShardedSafetensors(index({ a: 'x' }), async (): Promise<Source> => {
      const header =
        '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}'
      return fileOf(header, 2)
    })
    expect(warnings).toEqual([expect.stringContaining('x holds 1 tensors')])
  })
})
