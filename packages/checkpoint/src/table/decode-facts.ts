import type { Fact, Scalar } from '../facts/fact.ts'
import type { Facts, LeftOut } from '../facts/facts.ts'
import type { OptimizerFacts } from '../facts/optimizer.ts'
import type { Format } from '../model-file.ts'
import { present } from '../present.ts'
import { damaged, Fields, isHash, isNumber, isText } from './fields.ts'

export function factsFrom(fields: Fields, format: Format): Facts {
  return present<Facts>({
    format,
    parameters: fields.natural('parameters'),
    weights: fields.optional('weights', isHash),
    epoch: fields.optional('epoch', isNumber),
    step: fields.optional('step', isNumber),
    resumeEpoch: fields.optional('resumeEpoch', isNumber),
    torch: fields.optional('torch', isText),
    metrics: fields.pairs('metrics', numberFrom),
    config: fields.pairs('config', factFrom),
    optimizers: fields.list('optimizers', optimizerFrom),
    leftOut: fields.list('leftOut', leftOutFrom),
  })
}

function optimizerFrom(value: unknown): OptimizerFacts {
  const fields = new Fields(value)
  return present<OptimizerFacts>({
    path: fields.text('path'),
    kind: fields.optional('kind', isText),
    groups: fields.natural('groups'),
    lr: fields.list('lr', numberFrom),
    settings: fields.pairs('settings', factFrom),
    steps: fields.optionalItem('steps', numberFrom),
    tensors: fields.natural('tensors'),
    bytes: fields.natural('bytes'),
  })
}

function leftOutFrom(value: unknown): LeftOut {
  const [name, why] = Array.isArray(value) ? (value as unknown[]) : []
  const known = (['secret', 'long', 'limit'] as const).find((one) => one === why)
  if (!isText(name) || known === undefined) throw damaged('what was left out is not named')
  return { name, why: known }
}

const SPELLED: ReadonlyMap<unknown, number> = new Map([
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
])

/** JSON has no infinity and no NaN: they are spelled. */
export function numberFrom(value: unknown): number {
  const number = typeof value === 'number' ? value : SPELLED.get(value)
  if (number === undefined) throw damaged('a number is none')
  return number
}

export function factFrom(value: unknown): Fact {
  return Array.isArray(value) ? value.map(scalarFrom) : scalarFrom(value)
}

/** A text may look like a spelled number, so such a number stands in an object. */
function scalarFrom(value: unknown): Scalar {
  if (isText(value) || isNumber(value) || typeof value === 'boolean') return value
  return numberFrom(new Fields(value).text('number'))
}
