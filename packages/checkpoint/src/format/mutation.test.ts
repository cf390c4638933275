import { readFileSync } from 'node:fs'
import { isArtError } from '@art/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ModelFile } from '../model-file.ts'
import type { Source } from '../source.ts'
import { besideFolder } from '../source/beside.ts'
import { bytesSource } from '../source/bytes.ts'
import { type CountingSource, countingSource } from '../source/counting.ts'
import { boxesOfView, readBox, runWith } from '../view/read.ts'
import { viewOf } from '../view/view.ts'
import { readGguf } from './gguf/gguf.ts'
import { readNpy } from './numpy/npy.ts'
import { readNpz } from './numpy/npz.ts'
import { readOnnx } from './onnx/onnx.ts'
import { mutations } from '../temporary-mutations.ts'
import { readModel } from './read.ts'
import { readSafetensors } from './safetensors/safetensors.ts'
import { readShardedSafetensors } from './safetensors/sharded.ts'
import { MODELS } from './temporary-facts.ts'

const RUNS = mutations(1_500)

/** What a read may cost, for files of a few kilobytes. */
const READS_MAX = 20_000
const BYTES_MAX = 200 << 20
const PAYLOAD_MAX = 1 << 20
const EXPECTED = new Set(['CORRUPT', 'UNSUPPORTED', 'PATH_UNSAFE', 'NOT_FOUND'])

const sharded = `${MODELS}/safetensors/sharded`

const CASES: [name: string, file: string, read: (source: Source) => Promise<ModelFile | undefined>][] = [
  ['safetensors', 'safetensors/numpy.safetensors', readSafetensors],
  ['safetensors of small floats', 'safetensors/small-floats.safetensors', readSafetensors],
  [
    'an index of shards',
    'safetensors/sharded/model.safetensors.index.json',
    (source) => readShardedSafetensors(source, besideFolder(sharded)),
  ],
  ['ONNX', 'onnx/graphs.onnx', readOnnx],
  ['ONNX of all types', 'onnx/types.onnx', (source) => readOnnx(source)],
  ['ONNX with data beside it', 'onnx/external.onnx', (source) => readOnnx(source, besideFolder(`${MODELS}/onnx`))],
  ['GGUF', 'gguf/little.gguf', readGguf],
  ['GGUF, big-endian', 'gguf/big.gguf', readGguf],
  ['NumPy arrays', 'numpy/nested.npy', readNpy],
  ['NumPy archives', 'numpy/compressed.npz', readNpz],
  ['any format', 'gguf/little.gguf', readModel],
]

/** Bytes set, flipped, swapped for numbers at the edges, cut out, doubled or cut off. */
type Change =
  | { kind: 'set'; at: number; byte: number }
  | { kind: 'number'; at: number; value: bigint; width: number }
  | { kind: 'copy'; from: number; to: number; length: number }
  | { kind: 'cut'; at: number; length: number }
  | { kind: 'end'; at: number }

/** A part of the file: even over it, where fast-check's numbers would mostly be small ones. */
const position = fc.noBias(fc.nat(999_999)).map((millionths) => millionths / 1_000_000)
/** Often a digit: headers in text are then still read, and say something else. */
const byte = fc.oneof(fc.nat(255), fc.integer({ min: 0x30, max: 0x39 }))

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('set' as const), at: position, byte }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('number' as const),
      at: position,
      value: fc.constantFrom(0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n),
      width: fc.constantFrom(2, 4, 8),
    }),
  },
  fc.record({ kind: fc.constant('copy' as const), from: position, to: position, length: fc.nat(200) }),
  fc.record({ kind: fc.constant('cut' as const), at: position, length: fc.nat(100) }),
  fc.record({ kind: fc.constant('end' as const), at: position }),
)

function changed(original: Buffer, changes: readonly Change[], headBytes: number): Buffer {
  let bytes = Buffer.from(original)
  // Mostly the tables: a byte of the data changes nothing that a reader looks at.
  const at = (where: number): number => Math.floor(where * Math.min(headBytes, bytes.length))
  for (const one of changes) {
    if (bytes.length === 0) break
    if (one.kind === 'set') bytes[at(one.at)] = one.byte
    else if (one.kind === 'number') {
      const number = Buffer.alloc(8)
      number.writeBigUInt64LE(one.value)
      number.copy(bytes, at(one.at), 0, one.width)
    } else if (one.kind === 'copy') bytes.copy(bytes, at(one.to), at(one.from), at(one.from) + one.length)
    else if (one.kind === 'cut') {
      bytes = Buffer.concat([bytes.subarray(0, at(one.at)), bytes.subarray(at(one.at) + one.length)])
    } else bytes = bytes.subarray(0, Math.floor(one.at * bytes.length))
  }
  return bytes
}

/** All that a caller does with a model: reads it, and its payloads as far as they are small. */
async function useAll(source: CountingSource, read: (source: Source) => Promise<ModelFile | undefined>): Promise<void> {
  const model = await read(source)
  if (model === undefined) return
  try {
    for (const tensor of model.tensors) {
      if (tensor.storage === undefined || tensor.bytes > PAYLOAD_MAX) continue
      const view = viewOf(tensor, tensor.name)
      const scratch = { bytes: new Uint8Array(0) }
      for (const box of boxesOfView(view)) await runWith(readBox(view, box, scratch), tensor.storage)
    }
  } finally {
    await model.close?.()
  }
}

async function outcome(run: () => Promise<void>): Promise<string> {
  try {
    await run()
    return 'read'
  } catch (error) {
    if (isArtError(error)) return error.code
    throw error
  }
}

describe('a damaged file', () => {
  it.each(CASES)(
    'of %s is read, or refused with an error of art, at bounded cost',
    { timeout: 30_000 + RUNS.numRuns * 20 },
    async (_, file, read) => {
      const original = readFileSync(`${MODELS}/${file}`)
      const counts = new Map<string, number>()
      await fc.assert(
        fc.asyncProperty(
          fc.array(change, { minLength: 1, maxLength: 4 }),
          fc.boolean(),
          async (changes, everywhere) => {
            const bytes = changed(original, changes, everywhere ? original.length : 1_500)
            const source = countingSource(bytesSource('damaged', bytes))
            const code = await outcome(() => useAll(source, read))
            counts.set(code, (counts.get(code) ?? 0) + 1)
            if (code !== 'read') expect(EXPECTED).toContain(code)
            expect(source.reads).toBeLessThan(READS_MAX)
            expect(source.bytes).toBeLessThan(BYTES_MAX)
          },
        ),
        RUNS,
      )
      // A mutation that never hurts, or always does, would test nothing.
      expect(counts.get('CORRUPT')).toBeGreaterThan(RUNS.numRuns / 50)
      expect(counts.get('read')).toBeGreaterThan(RUNS.numRuns / 500)
    },
  )
})
