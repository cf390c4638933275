import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../model-file.ts'
import { bytes, integer, type Part, pickle, put, text } from '../../pickle/temporary-pickle.ts'
import { bytesSource } from '../../source/bytes.ts'
import { pickleStream } from './stream.ts'
import { newReading } from './unpickle.ts'

const short = fc.string({ maxLength: 40 }).map(text)
const opcode = fc.oneof(
  short,
  fc.nat().map(integer),
  fc.nat().map((index) => put(index)),
  fc.uint8Array({ maxLength: 300 }).map(bytes),
)

describe('pickles that follow one another', () => {
  it('end where their STOP is, whatever opcode the windows of the search cut through', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(opcode, { minLength: 1, maxLength: 30 }), fc.nat(60), async (parts, shift) => {
        // Cut at every place within these opcodes: the first window ends among them, others among their copies.
        const many: Part[] = Array.from({ length: 800 }, () => parts).flat()
        const pickles = [pickle(text('x'.repeat(shift)), many), pickle('NONE')]
        const stream = pickleStream(
          bytesSource('stream', Buffer.concat(pickles)),
          newReading(LIMITS, undefined, () => undefined),
        )
        for (const one of pickles) expect(Buffer.from(await stream.next()).equals(one)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })
})
