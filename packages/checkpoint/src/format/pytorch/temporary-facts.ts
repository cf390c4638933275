import { createHash } from 'node:crypto'
import type { Tensor, Value } from '../../model-file.ts'
import { payload } from '../../payload.ts'
import {
  attribute,
  attributesOf,
  enumValue,
  isDict,
  isGlobal,
  isList,
  isObject,
  isTensor,
  nameOf,
} from '../../pickle/value.ts'
import { moduleParts } from './module.ts'

/** For tests: a tensor as `test/data/models/torch/facts.py` describes it. */
export async function tensorFact(tensor: Tensor, storages: Map<unknown, number>): Promise<Record<string, unknown>> {
  const { name, dtype, shape, storage, requiresGrad, parameter, layout, quantization } = tensor
  const fact: Record<string, unknown> = { name, dtype, shape: [...shape] }
  if (storage !== undefined) {
    if (!storages.has(storage)) storages.set(storage, storages.size)
    fact['sha256'] = await payloadHash(tensor)
    fact['storage'] = storages.get(storage)
  }
  if (requiresGrad === true) fact['requiresGrad'] = true
  if (parameter === true) fact['parameter'] = true
  if (layout !== undefined) fact['layout'] = layout
  if (quantization?.scale !== undefined) fact['quantization'] = quantization
  return fact
}

export async function payloadHash(tensor: Tensor): Promise<string> {
  const hash = createHash('sha256')
  for await (const block of payload(tensor)) hash.update(block)
  return hash.digest('hex')
}

/** For tests: an object as the same script describes it. */
export function plainFact(value: Value): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'bigint') return { integer: String(value) }
  if (typeof value === 'number') return numberFact(value)
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') }
  if (isTensor(value)) return tensorValueFact(value.tensor)
  if (isGlobal(value)) return { global: `${value.module}.${value.name}` }
  if (isDict(value)) return { dict: value.entries.map(([key, item]) => [plainFact(key), plainFact(item)]) }
  if (isList(value)) return listFact(value.kind, value.items.map(plainFact))
  if (!isObject(value)) return undefined
  return objectFact(value)
}

function numberFact(value: number): unknown {
  if (Number.isFinite(value)) return value
  return { float: Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf' }
}

function tensorValueFact({ dtype, storage }: Omit<Tensor, 'name'>): unknown {
  return storage?.source.name === 'an array in a pickle' ? { array: dtype } : { tensor: `torch.${dtype}` }
}

function listFact(kind: string, items: unknown[]): unknown {
  if (kind === 'list') return items
  if (kind === 'tuple') return { tuple: items }
  return { set: items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) }
}

function objectFact(value: Value): unknown {
  const name = nameOf(value)
  const values = name === 'torch.Tensor' ? attribute(value, 'values') : undefined
  if (isTensor(values)) return tensorValueFact(values.tensor)
  if (moduleParts(value) !== undefined) return { module: name }
  const member = enumValue(value)
  if (member !== undefined) return { enum: [name, member] }
  return { object: name, attributes: attributesOf(value).map(([key, item]) => [key, plainFact(item)]) }
}
