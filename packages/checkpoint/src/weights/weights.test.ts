import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ModelFile } from '../model-file.ts'
import { dict } from '../pickle/value.ts'
import { instance, modelOf, type Plain, safetensorsOf, tensor } from '../temporary-model.ts'
import { type DigestEntry, weightsDigest } from './digest.ts'
import { stateDictOf } from './state-dict.ts'
import { unwrapNames } from './wrapper.ts'

const t = () => tensor({ shape: [2] })
const scalar = () => tensor({ shape: [] })
const weights = () => ({ 'conv1.weight': t(), 'fc.bias': t() })
const optimizer = () => ({ state: { 0: { step: scalar(), exp_avg: t() } }, param_groups: [{ lr: 0.1 }] })
const moduleOf = (parameters: { [key: string]: Plain }) =>
  instance('mine.Net', { _parameters: parameters, _buffers: {}, _modules: {} })

const namesOf = (file: ModelFile, stateDict?: string) =>
  stateDictOf(file, { stateDict }).weights.map(({ name, tensor: i }) => [name, file.tensors[i]!.name])
const names = (plain: Plain, stateDict?: string) => namesOf(modelOf(plain), stateDict).map(([name]) => name)

const PLAIN = ['conv1.weight', 'fc.bias']

describe('the state dict of a file', () => {
  it('is the same set of names however the file encloses it', () => {
    const layouts: Plain[] = [
      weights(),
      { epoch: 3, model_state_dict: weights(), optimizer_state_dict: optimizer(), val_acc: 0.9, config: { lr: 0.1 } },
      {
        state_dict: weights(),
        optimizer_states: [optimizer()],
        lr_schedulers: [{}],
        callbacks: { x: { best: scalar() } },
      },
      { model: { state_dict: weights(), epoch: scalar() }, optimizer: optimizer() },
      { module: weights(), optimizer: { fp32: t() } },
      { model: moduleOf({ 'conv1.weight': t(), 'fc.bias': t() }), ema: null },
      { ema: moduleOf({ 'conv1.weight': t(), 'fc.bias': t() }), model: null },
      { state: { net: weights(), optimizer: optimizer() } },
      { my_resnet: weights(), optim: optimizer(), epoch: scalar() },
      { ...weights(), optimizer: optimizer(), rng_state: { cpu: t() } },
      { epoch: scalar(), params_ema: weights(), params: weights() },
      { state_dict: weights(), state_dict_ema: weights() },
      [weights(), optimizer()],
      moduleOf({ 'conv1.weight': t(), 'fc.bias': t() }),
    ]
    for (const [i, layout] of layouts.entries()) expect(names(layout), `layout ${i}`).toEqual(PLAIN)
  })

  it('lacks what wrappers add to names, whatever wraps whatever', () => {
    const wrapped = (wrap: (name: string) => string) => Object.fromEntries(PLAIN.map((name) => [wrap(name), t()]))
    const wraps: ((name: string) => string)[] = [
      (name) => `module.${name}`,
      (name) => `_orig_mod.${name}`,
      (name) => `module._orig_mod.module.${name}`,
      (name) => name.replace('.', '._orig_mod.'),
      (name) => `_fsdp_wrapped_module.${name.replace('.', '._checkpoint_wrapped_module.')}`,
    ]
    for (const wrap of wraps) {
      expect(names({ model: wrapped(wrap) })).toEqual(PLAIN)
      expect(namesOf(safetensorsOf(wrapped(wrap))).map(([name]) => name)).toEqual(PLAIN)
    }
    const averaged = { n_averaged: scalar(), ...wrapped((name) => `module.${name}`) }
    expect(names({ model: averaged })).toEqual(PLAIN)
    expect(names({ 'module.a': t(), b: t() })).toEqual(['module.a', 'b'])
    expect(unwrapNames(['_orig_mod.a', 'a', 'b'])).toEqual(['_orig_mod.a', 'a', 'b'])
    expect(unwrapNames(['module.', 'module.a'])).toEqual(['', 'a'])
    expect(unwrapNames([])).toEqual([])
  })

  it('of a GAN is both, under their keys, and what the configuration names where it names one', () => {
    const gan = { netG: weights(), netD: weights(), ema_G: weights(), optimizerG: optimizer(), optimizerD: optimizer() }
    const both = ['netG.conv1.weight', 'netG.fc.bias', 'netD.conv1.weight', 'netD.fc.bias']
    expect(names(gan)).toEqual(both)
    expect(stateDictOf(modelOf(gan)).others).toEqual(['ema_G'])
    expect(namesOf(modelOf(gan), 'netD')).toEqual(PLAIN.map((name) => [name, `netD.${name}`]))
    expect(names(gan, '.').length).toBe(10)
    expect(names(gan, 'optimizerG.state.0')).toEqual(['step', 'exp_avg'])
    const { warnings, weights: fallback } = stateDictOf(modelOf(gan), { stateDict: 'net' })
    expect(warnings).toEqual(['there is no state dict at net, as configured'])
    expect(fallback.map(({ name }) => name)).toEqual(both)
  })

  it('of a program lacks its constants, unless it has nothing else', () => {
    const program = (tensors: { [key: string]: Plain }) =>
      namesOf(modelOf(tensors, { format: 'torch-export' })).map(([name]) => name)
    expect(program({ ...weights(), constants: { lifted_0: t() } })).toEqual(PLAIN)
    expect(program({ constants: { 0: t() } })).toEqual(['constants.0'])
  })

  it('says which other state dicts there are', () => {
    const both = modelOf({ model: { state_dict: weights() }, ema: weights(), optimizer: optimizer() })
    expect(stateDictOf(both)).toMatchObject({ enclosing: 'model.state_dict', others: ['ema'], warnings: [] })
  })

  it('is none in the state of an optimizer, and survives keys that are traps', () => {
    expect(names(optimizer())).toEqual([])
    expect(names({})).toEqual([])
    expect(names(scalar())).toEqual([''])
    const keys = ['__proto__', 'constructor', '', 'then', 'a.b']
    const traps = { model: dict(keys.map((key) => [key, t()])) }
    expect(names(traps)).toEqual(keys)
    const cyclic = modelOf({ model: weights() })
    const root = cyclic.root as { entries: [string, unknown][] }
    root.entries.push(['self', cyclic.root])
    expect(namesOf(cyclic).map(([name]) => name)).toEqual(PLAIN)
  })

  it('has the aliases that safetensors metadata names, and no other metadata', () => {
    const file = safetensorsOf(
      { 'module.wte.weight': t(), 'module.pt': t() },
      { 'module.lm_head.weight': 'module.wte.weight', format: 'pt', 'module.pt': 'module.wte.weight', x: 'none' },
    )
    expect(stateDictOf(file).aliases).toEqual(new Map([['lm_head.weight', 'wte.weight']]))
    expect(stateDictOf({ ...file, format: 'gguf' }).aliases.size).toBe(0)
  })
})

describe('the weights digest', () => {
  const zero = '0'.repeat(64)
  const entries: DigestEntry[] = [
    { name: 'fc.weight', dtype: 'float32', shape: [2, 3], sha256: zero },
    { name: 'bn.num_batches_tracked', dtype: 'int64', shape: [], sha256: 'f'.repeat(64) },
  ]

  it('is of the lines that docs/formats.md shows', () => {
    expect(weightsDigest(entries)).toBe('4d3547c241c5b86681d9c28467eaa2198944dc7bbb5fd4880a7d90bdd1c6bb40')
    expect(weightsDigest([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  })

  it('does not depend on the order, and does on all else', () => {
    const digest = weightsDigest(entries)
    expect(weightsDigest([...entries].reverse())).toBe(digest)
    const changes: Partial<DigestEntry>[] = [
      { name: 'fc.weighs' },
      { dtype: 'bfloat16' },
      { shape: [3, 2] },
      { shape: [6] },
      { sha256: `${'0'.repeat(63)}1` },
      { sha256: undefined },
      { quantization: { scheme: 'per_tensor_affine', scale: 0.1, zeroPoint: 0 } },
      { quantization: { scheme: 'per_tensor_affine', scale: 0.2, zeroPoint: 0 } },
    ]
    const digests = changes.map((change) => weightsDigest([{ ...entries[0]!, ...change }, entries[1]!]))
    expect(new Set([digest, ...digests]).size).toBe(changes.length + 1)
  })

  it('tells all sets of names apart, with line ends and without Unicode', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', ' ', '\n', '\\', 'u', '0', '\ud800', '\udc00', 'ä'),
      maxLength: 5,
    })
    const given = fc.uniqueArray(name, { maxLength: 3 })
    const digestOf = (list: string[]) => weightsDigest(list.map((some) => ({ ...entries[0]!, name: some })))
    fc.assert(
      fc.property(given, given, (one, other) => {
        expect(digestOf(one) === digestOf(other)).toBe(
          JSON.stringify(one.toSorted()) === JSON.stringify(other.toSorted()),
        )
        expect(digestOf(one.toReversed())).toBe(digestOf(one))
      }),
      { numRuns: 2000 },
    )
    const injected = [{ ...entries[0]!, name: `a float32 [1] ${zero}\nb` }]
    const honest = ['a', 'b'].map((some) => ({ ...entries[0]!, shape: [1], name: some }))
    expect(weightsDigest(injected)).not.toBe(weightsDigest(honest))
  })
})
