import type { CallOptions } from '@art/core'
import type { Tensor, Value } from '../model-file.ts'
import { isTensor } from '../pickle/value.ts'
import { numbersOf } from '../statistics/numbers.ts'
import { boxesOfView, readBox, runWith } from '../view/read.ts'
import { viewOf } from '../view/view.ts'
import { numberOf } from './fact.ts'

/** Reads numbers that may be tensors of one element, as a metric is that nobody called `.item()` on. */
export type ReadNumber = (value: Value | undefined) => Promise<number | undefined>

/** So many payloads are read at most: each can be a request to a remote. */
const READS_MAX = 64

export function numberReader(options?: CallOptions): ReadNumber {
  let left = READS_MAX
  return async (value) => {
    if (!isTensor(value)) return numberOf(value)
    const { elements, storage, negated } = value.tensor
    if (elements !== 1 || storage === undefined || negated === true || left-- <= 0) return undefined
    return await onlyElement(value.tensor, options)
  }
}

async function onlyElement(tensor: Omit<Tensor, 'name'>, options?: CallOptions): Promise<number | undefined> {
  const numbers = numbersOf(tensor.dtype)
  const view = viewOf(tensor, '')
  if (numbers === undefined || view.unit !== view.elementBytes) return undefined
  const [box] = boxesOfView(view)
  const bytes = await runWith(readBox(view, box!, { bytes: new Uint8Array(0) }), tensor.storage!, options)
  const out = new Float64Array(1)
  numbers.decode(new Uint8Array(bytes), 0, 1, out)
  return out[0]!
}
