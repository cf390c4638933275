import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isArtError } from '@art/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../model-file.ts'
import { payload } from '../../payload.ts'
import { bytesSource } from '../../source/bytes.ts'
import { countingSource } from '../../source/counting.ts'
import { makeZip, type TestMember } from '../../zip/temporary-zip.ts'
import { mutations } from '../../temporary-mutations.ts'
import { openMember, readZip } from '../../zip/zip.ts'
import { readPyTorch } from './read.ts'

const DATA = fileURLToPath(new URL('../../../../../test/data/models/torch/', import.meta.url))
const RUNS = mutations(1_500)
const PATIENCE = Math.max(30_000, RUNS.numRuns * 40)
const FILES = [
  'state_dict.pth',
  'values.pth',
  'values.p4.pth',
  'values.p0.pth',
  'shapes.pth',
  'quantized.pth',
  'sparse.pth',
  'module.pth',
  'deflated.pth',
  'big_endian.pth',
  'seed.legacy.pth',
  'module.legacy.pth',
  'views.legacy.pth',
  'oldest.tar.pth',
  'scripted.pt',
  'frozen.pt',
  'exported.pt2',
  'exported_old.pt2',
]
const limits = { ...LIMITS, tableBytes: 4_000_000, values: 400_000, tensors: 10_000 }
const files = new Map(FILES.map((name) => [name, readFileSync(DATA + name)]))

type Change =
  | { kind: 'set'; at: number; value: number }
  | { kind: 'word'; at: number; value: bigint }
  | { kind: 'cut'; at: number }
  | { kind: 'drop' | 'double'; at: number; length: number }

/** Places are fractions of the file. */
const place = fc.noBias(fc.nat(2 ** 30 - 1)).map((at) => at / 2 ** 30)
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('set' as const), at: place, value: fc.nat(255) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('word' as const),
      at: place,
      value: fc.constantFrom(0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), at: place }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('drop' as const, 'double' as const),
      at: place,
      length: fc.integer({ min: 1, max: 40 }),
    }),
  },
)

function mutate(file: Buffer, changes: readonly Change[]): Buffer {
  let bytes = Buffer.from(file)
  for (const each of changes) {
    const at = Math.floor(each.at * bytes.length)
    if (each.kind === 'set') bytes[at] = each.value
    else if (each.kind === 'word' && at + 8 <= bytes.length) bytes.writeBigUInt64LE(each.value, at)
    else if (each.kind === 'cut') bytes = bytes.subarray(0, at)
    else if (each.kind === 'drop') bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + each.length)])
    else if (each.kind === 'double') bytes = Buffer.concat([bytes.subarray(0, at + each.length), bytes.subarray(at)])
  }
  return bytes
}

/** Reads all of a file that there is, and returns what came of it. */
async function readAll(bytes: Buffer): Promise<'read' | 'refused'> {
  const source = countingSource(bytesSource('mutated', bytes))
  try {
    const { tensors, imports, warnings } = await readPyTorch(source, { limits })
    expect(imports.every((name) => typeof name === 'string')).toBe(true)
    expect(warnings.length).toBeLessThan(20)
    const shown = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0)
    if (shown > 1_000_000) return 'read'
    for (const tensor of tensors) {
      if (tensor.storage === undefined) continue
      let length = 0
      for await (const block of payload(tensor)) length += block.length
      expect(length).toBe(tensor.bytes)
    }
    return 'read'
  } catch (error) {
    if (!isArtError(error, 'CORRUPT') && !isArtError(error, 'UNSUPPORTED')) throw error
    return 'refused'
  } finally {
    // Time is what a machine makes of it; reads are what a file makes of us.
    expect(source.reads).toBeLessThan(5_000)
    expect(source.bytes).toBeLessThan(10_000_000)
  }
}

/** Its records, of an archive. */
async function recordsOf(bytes: Buffer): Promise<TestMember[]> {
  const zip = await readZip(bytesSource('zip', bytes))
  const records: TestMember[] = []
  for (const member of zip?.members ?? []) {
    const source = await openMember(zip!, member)
    records.push({ name: member.name, data: Buffer.from(await source.read(0, source.size)) })
    await source.close()
  }
  return records
}

/** The archive again, with one of its pickles or lists changed and all else as it was. */
function mutateRecord(records: readonly TestMember[], changes: readonly Change[], pick: number): Buffer {
  const tables = records.filter(({ name }) => /\.(pkl|json|pt)$/.test(String(name)))
  const chosen = tables[pick % tables.length]
  return makeZip(
    records.map((record) =>
      record === chosen ? { ...record, data: mutate(Buffer.from(record.data), changes) } : record,
    ),
  )
}

const changes = fc.array(change, { minLength: 1, maxLength: 3 })

describe('a mutated file', () => {
  const outcomes = { read: 0, refused: 0 }

  it(
    'is read or refused, whatever was changed, with little work',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...FILES), changes, async (name, made) => {
          outcomes[await readAll(mutate(files.get(name)!, made))]++
          expect(outcomes.read + outcomes.refused).toBeGreaterThan(0)
        }),
        RUNS,
      )
    },
    PATIENCE,
  )

  it(
    'is read or refused where only a pickle in it was changed',
    async () => {
      const archives: TestMember[][] = []
      for (const file of files.values()) archives.push(await recordsOf(file))
      const filled = archives.filter((records) => records.length > 0)
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...filled), changes, fc.nat(9), async (records, made, pick) => {
          outcomes[await readAll(mutateRecord(records, made, pick))]++
        }),
        RUNS,
      )
      // Both happen: the changes are neither all harmless nor all fatal.
      expect(outcomes.read).toBeGreaterThan(RUNS.numRuns / 10)
      expect(outcomes.refused).toBeGreaterThan(RUNS.numRuns / 10)
    },
    PATIENCE,
  )

  it('is refused at every length but its own', async () => {
    for (const name of ['state_dict.pth', 'views.legacy.pth']) {
      const whole = files.get(name)!
      for (let length = 0; length < whole.length; length += 37) {
        expect({ name, length, outcome: await readAll(whole.subarray(0, length)) }).toEqual({
          name,
          length,
          outcome: 'refused',
        })
      }
    }
  })
})
