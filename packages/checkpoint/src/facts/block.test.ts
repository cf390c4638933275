import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { modelOf, type Plain, tensor } from '../temporary-model.ts'
import { stateDictOf } from '../weights/state-dict.ts'
import { BLOCK_BYTES, BLOCK_KEYS, pointerBlock } from './block.ts'
import type { Fact } from './fact.ts'
import { type Facts, factsOf } from './facts.ts'

const CHECKPOINT = { epoch: 41, model: { w: tensor() }, val_acc: 0.915, config: { lr: 0.001 } }

function facts(plain: Plain): Promise<Facts> {
  const file = modelOf(plain)
  return factsOf(file, stateDictOf(file))
}

describe('the block of a pointer', () => {
  it('is in a fixed order, and a text where YAML has no number that all read', async () => {
    const { entries } = pointerBlock({ ...(await facts({ ...CHECKPOINT, best_acc: Number.NaN })), weights: 'ab' })
    expect([...entries.keys()]).toEqual(['format', 'parameters', 'weights', 'epoch', 'val_acc', 'best_acc', 'config'])
    expect(entries.get('weights')).toBe('sha256:ab')
    expect(entries.get('best_acc')).toBe('nan')
  })

  it('has at most 64 keys and 4 KB, whatever the file holds, and names what it leaves out', async () => {
    const key = fc.string({ maxLength: 150 })
    const value = fc.oneof(fc.string({ maxLength: 199 }), fc.double(), fc.integer(), fc.boolean())
    const entries = fc.dictionary(key, value, { maxKeys: 120 })
    const property = fc.asyncProperty(
      entries,
      fc.dictionary(key, fc.double(), { maxKeys: 80 }),
      async (config, metrics) => {
        const found = await facts({ model: { w: tensor() }, metrics, config })
        const block = pointerBlock(found)
        const inner = (block.entries.get('config') ?? new Map()) as Map<string, Fact>
        const kept = block.entries.size + inner.size
        expect(kept).toBeLessThanOrEqual(BLOCK_KEYS)
        const lines = [...block.entries].flatMap(([name, fact]) =>
          fact instanceof Map
            ? [`  ${name}:`, ...[...inner].map(([k, v]) => `    ${JSON.stringify(k)}: ${JSON.stringify(v)}`)]
            : [`  ${JSON.stringify(name)}: ${JSON.stringify(fact)}`],
        )
        expect(Buffer.byteLength(['checkpoint:', ...lines, ''].join('\n'))).toBeLessThanOrEqual(BLOCK_BYTES)
        const leftOut = new Set(block.leftOut.map(({ name }) => name))
        for (const name of Object.keys(config)) {
          const isThere = inner.has(name) || found.config.get(name) === undefined
          expect(isThere || leftOut.has(`config.${name}`)).toBe(true)
        }
      },
    )
    await fc.assert(property, { numRuns: 60 })
  })
})
