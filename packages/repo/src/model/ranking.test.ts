import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ComparedModel, Figure } from '../view-api.ts'
import { directionOf } from './direction.ts'
import { differingKeys, orderOf, ranked } from './ranking.ts'

const model = (name: string, more: Partial<ComparedModel> = {}): ComparedModel => ({
  name,
  path: name,
  epoch: null,
  metrics: {},
  config: {},
  ...more,
})
const of = (metrics: Record<string, Figure>, name = 'x') => model(name, { metrics })

describe('which end of a metric is the better one', () => {
  it.each([
    'val_acc',
    'accuracy',
    'f1',
    'mAP50',
    'auc',
    'bleu',
    'ssim',
    'psnr',
    'top1',
    'reward',
    'neg_mean_squared_error',
    'closeness',
  ])('the highest of %s', (name) => expect(directionOf(name)).toBe('highest'))
  it.each([
    'loss',
    'val_loss',
    'valLoss',
    'val/loss',
    'val_loss1',
    'rmse',
    'test-error',
    'WER',
    'perplexity',
    'FID',
    'eval.mae',
    'val_ce',
    'trainerror',
  ])('the lowest of %s', (name) => expect(directionOf(name)).toBe('lowest'))
})

describe('the order of models', () => {
  it('is by val_acc, else by what people look at first, else by what most have, else by epoch', () => {
    expect(orderOf([of({ loss: 1, val_acc: 0.5 })])).toEqual({ by: 'val_acc', direction: 'highest' })
    expect(orderOf([of({ loss: 1 }), of({ loss: 2, dice: 1 })])).toEqual({ by: 'loss', direction: 'lowest' })
    expect(orderOf([of({ dice: 1 }), of({ dice: 2, iou: 1 })])).toEqual({ by: 'dice', direction: 'highest' })
    expect(orderOf([model('a')])).toEqual({ by: null, direction: 'highest' })
    const epochs = [model('a', { epoch: 1 }), model('b', { epoch: 3 })]
    expect(ranked(epochs, orderOf(epochs)).map(({ name }) => name)).toEqual(['b', 'a'])
  })

  it('puts what has no value, or NaN, last in either direction', () => {
    const models = [
      of({}, 'none'),
      of({ loss: 'nan' }, 'nan'),
      of({ loss: 2 }, 'two'),
      of({ loss: 'inf' }, 'inf'),
      of({ loss: 1 }, 'one'),
    ]
    const names = (direction?: 'highest') => ranked(models, orderOf(models, 'loss', direction)).map(({ name }) => name)
    expect(names()).toEqual(['one', 'two', 'inf', 'nan', 'none'])
    expect(names('highest')).toEqual(['inf', 'two', 'one', 'nan', 'none'])
  })

  it('can be by the configuration, the size, the name', () => {
    const models = [model('b', { config: { lr: 0.1 }, size: 1 }), model('a', { config: { lr: 0.01 }, size: 2 })]
    const first = (by: string) => ranked(models, orderOf(models, by))[0]!.name
    expect([first('config.lr'), first('size'), first('name')]).toEqual(['b', 'a', 'a'])
  })

  it('does not depend on the order in which they were found', () => {
    const figure = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom('nan', 'inf', '-inf'))
    const models = fc.uniqueArray(
      fc.record({ name: fc.string(), epoch: fc.option(fc.nat()), value: fc.option(figure) }),
      { selector: ({ name }) => name, maxLength: 30 },
    )
    const property = fc.property(models, fc.boolean(), (found, highest) => {
      const all = found.map(({ name, epoch, value }) =>
        model(name, { epoch, metrics: value === null ? {} : { loss: value } }),
      )
      const order = { by: 'loss', direction: highest ? ('highest' as const) : ('lowest' as const) }
      expect(ranked(all.toReversed(), order)).toEqual(ranked(all, order))
    })
    fc.assert(property)
  })

  it('by something that none has is wrong use, and names what they have', () => {
    const models = [of({ val_acc: 1 })]
    expect(() => orderOf(models, 'val_ac')).toThrow(
      expect.objectContaining({ code: 'USAGE', hint: 'Did you mean val_acc?' }),
    )
    expect(() => orderOf(models, 'zzz')).toThrow(expect.objectContaining({ hint: 'They have: val_acc.' }))
    expect(() => orderOf(models, '__proto__')).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })
})

it('only what is not the same in all is told of the configuration', () => {
  const configs = [
    { lr: 0.1, epochs: 5, betas: [0.9, 0.99], seed: 1 },
    { lr: 0.2, epochs: 5, betas: [0.9, 0.99] },
  ]
  expect(differingKeys(configs.map((config) => model('x', { config })))).toEqual(['lr', 'seed'])
  expect(differingKeys([model('x', { config: { lr: 1 } })])).toEqual([])
})
