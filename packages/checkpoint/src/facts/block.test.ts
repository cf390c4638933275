import { readFileSync } from 'node:fs'
import { formatPlainYaml, parsePlainYaml } from '@art/core/yaml/plain.ts'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Value } from '../model-file.ts'
import { dict } from '../pickle/value.ts'
import { modelOf, type Plain, tensor } from '../temporary-model.ts'
import { stateDictOf } from '../weights/state-dict.ts'
import { pointerBlock, unsafeBlock } from './block.ts'
import { BLOCK_BYTES, BLOCK_KEYS } from './bounds.ts'
import type { Fact } from './fact.ts'
import { type Facts, factsOf } from './facts.ts'

const CHECKPOINT = { epoch: 41, model: { w: tensor() }, val_acc: 0.915, config: { lr: 0.001 } }

function facts(plain: Plain): Promise<Facts> {
  const file = modelOf(plain)
  return factsOf(file, stateDictOf(file))
}

describe('the block of a pointer', () => {
  it('is the one that docs/formats.md shows', () => {
    const page = readFileSync(new URL('../../../../docs/formats.md', import.meta.url), 'utf8')
    const [, example] = /### Checkpoint block\n.*?```yaml\n(.*?)```/s.exec(page) ?? []
    const told: Facts = {
      format: 'pytorch',
      parameters: 11689512,
      weights: '83da419a4cd07da5ec8fe7cce10b99c51bb0a00223cae4cf948bd73e2a9fd7d0',
      epoch: 41,
      metrics: new Map([
        ['val_acc', 0.915],
        ['val/loss', Number.NaN],
        ['scan', 1],
      ]),
      config: new Map<string, Fact>([
        ['lr', 0.0001],
        ['betas', [0.9, 0.999]],
        ['name', 'resnet: third try'],
      ]),
      optimizers: [],
      leftOut: [{ name: 'config.api_key', why: 'secret' }],
    }
    const { entries } = pointerBlock(told, { unsafeImports: ['posix.system'], torchInstalled: '2.9.0+cpu' })
    expect(formatPlainYaml(new Map([['checkpoint', entries]]))).toBe(example)
  })

  it('is in a fixed order, and a text where YAML has no number that all read', async () => {
    const { entries } = pointerBlock({ ...(await facts({ ...CHECKPOINT, best_acc: Number.NaN })), weights: 'ab' })
    expect([...entries.keys()]).toEqual(['format', 'parameters', 'weights', 'epoch', 'val_acc', 'best_acc', 'config'])
    expect(entries.get('weights')).toBe('sha256:ab')
    expect(entries.get('best_acc')).toBe('nan')
  })

  it('has at most 64 keys and 4 KB, whatever the file holds, needs no YAML library, and names what it leaves out', async () => {
    const text = fc.oneof(fc.string({ maxLength: 150 }), fc.string({ unit: 'binary', maxLength: 40 }))
    const key = fc.oneof(text, fc.constantFrom('<<', '__proto__', '\ud800', 'scan', 'left_out', 'config', 'null', ''))
    const value = fc.oneof(text, fc.double(), fc.integer(), fc.boolean(), fc.constant('\u202e'.repeat(199)))
    const entries = (most: number, of: fc.Arbitrary<Plain>) =>
      fc.uniqueArray(fc.tuple(key, of), { selector: ([name]) => name, maxLength: most })
    const unsafeImports = fc.option(fc.array(text, { minLength: 1, maxLength: 30 }), { nil: undefined })
    const property = fc.asyncProperty(
      entries(120, value),
      entries(80, fc.double()),
      unsafeImports,
      async (config, metrics, unsafe) => {
        const map = (pairs: [string, Plain][]) => dict(pairs.map(([name, one]) => [name, one as Value]))
        const found = await facts({ model: { w: tensor() }, metrics: map(metrics), config: map(config) })
        const { entries: block, leftOut } = pointerBlock(found, { unsafeImports: unsafe })
        const inner = (block.get('config') ?? new Map()) as Map<string, Fact>
        expect(block.size + inner.size).toBeLessThanOrEqual(BLOCK_KEYS)
        const lines = formatPlainYaml(new Map([['checkpoint', block]]))
        expect(Buffer.byteLength(lines)).toBeLessThanOrEqual(BLOCK_BYTES)
        expect(parsePlainYaml(lines)?.get('checkpoint')).toEqual(block)
        expect(block.get('scan')).toBe(unsafe === undefined ? undefined : 'unsafe')
        const named = new Set(leftOut.map(({ name }) => name))
        expect(block.has('left_out')).toBe(named.size > 0)
        for (const [name] of config) {
          const isThere = inner.has(name) || found.config.get(name) === undefined
          expect(isThere || named.has(`config.${name}`)).toBe(true)
        }
      },
    )
    await fc.assert(property, { numRuns: 150 })
  })

  it('says which imports make it unsafe, and which torch was there if the file does not say what wrote it', async () => {
    const found = await facts(CHECKPOINT)
    const { entries } = pointerBlock(found, { unsafeImports: ['posix.system'], torchInstalled: '2.9.0' })
    expect([...entries.keys()].slice(0, 5)).toEqual(['format', 'scan', 'unsafe_imports', 'parameters', 'epoch'])
    expect(entries.get('unsafe_imports')).toEqual(['posix.system'])
    expect(entries.get('torch_installed')).toBe('2.9.0')
    const told = pointerBlock(await facts({ ...CHECKPOINT, torch_version: '1.13.1' }), {
      torchInstalled: '2.9.0',
    }).entries
    expect([told.get('torch'), told.has('torch_installed')]).toEqual(['1.13.1', false])
    const many = Array.from({ length: 40 }, (_, i) => `os.${'x'.repeat(i)}`)
    const list = unsafeBlock('pickle', many).get('unsafe_imports') as string[]
    expect(list.length).toBeLessThanOrEqual(17)
    expect(list.at(-1)).toBe(`${40 - list.length + 1} more`)
  })
})
