import fc from 'fast-check'
import { expect, test } from 'vitest'
import { blocks } from './source.ts'

test('blocks are the same bytes, cut anew, however the pieces came', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: -1, max: 1 }),
      async (pieces, size, lie) => {
        const bytes = Buffer.concat(pieces)
        const said = bytes.length + lie
        const got: Uint8Array[] = []
        const read = async (): Promise<void> => {
          for await (const block of blocks({ size: Math.max(0, said), open: () => pieces }, size)) got.push(block)
        }
        if (said >= 0 && lie !== 0) {
          await expect(read()).rejects.toMatchObject({ code: 'CHANGED_WHILE_READ' })
          return
        }
        await read()
        expect(Buffer.concat(got).equals(bytes)).toBe(true)
        expect(got.slice(0, -1).every((block) => block.length === size)).toBe(true)
      },
    ),
  )
})
