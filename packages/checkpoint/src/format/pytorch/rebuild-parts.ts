import type { Quantization, TensorValue, Value } from '../../model-file.ts'
import { dict, type Entry, isGlobal, isTensor, itemsOf, object } from '../../pickle/value.ts'
import { type Call, viewTensor, withFacts } from './rebuild.ts'
import type { StorageTable } from './storages.ts'

/** What stands in the object for a tensor of several parts: an instance of `torch.Tensor` with them as attributes. */
function composite(layout: string, parts: Entry[]): Value {
  const made = object({ kind: 'global', module: 'torch', name: 'Tensor' }, undefined)
  made.state = dict([
    ['layout', layout],
    ...parts.map(([name, part]): Entry => [name, isTensor(part) ? withFacts(part, { layout }) : part]),
  ])
  return made
}

const COMPRESSED: Record<string, readonly [string, string]> = {
  sparse_csr: ['crow_indices', 'col_indices'],
  sparse_csc: ['ccol_indices', 'row_indices'],
  sparse_bsr: ['crow_indices', 'col_indices'],
  sparse_bsc: ['ccol_indices', 'row_indices'],
}

const sparse: Call = ([layout, data]) => {
  const parts = itemsOf(data)
  if (typeof layout !== 'string' || parts === undefined) return
  const name = layout.replace('torch.', '')
  const [first = null, second = null, third = null, fourth = null] = parts
  if (name === 'sparse_coo') {
    const isCoalesced: Entry[] = fourth === null ? [] : [['is_coalesced', fourth]]
    return composite(name, [['indices', first], ['values', second], ['size', third], ...isCoalesced])
  }
  const indices = COMPRESSED[name]
  if (indices === undefined) return
  return composite(name, [
    [indices[0], first],
    [indices[1], second],
    ['values', third],
    ['size', fourth],
  ])
}

const nested: Call = ([values = null, sizes = null, strides = null, offsets = null]) =>
  composite('nested', [
    ['values', values],
    ['sizes', sizes],
    ['strides', strides],
    ['storage_offsets', offsets],
  ])

function quantizationOf(params: Value | undefined): Quantization | undefined {
  const [scheme, scale, zeroPoint, axis] = itemsOf(params) ?? []
  if (!isGlobal(scheme)) return
  const { name } = scheme
  if (typeof scale === 'number' && typeof zeroPoint === 'number') return { scheme: name, scale, zeroPoint }
  if (!isTensor(scale) || !isTensor(zeroPoint) || typeof axis !== 'number') return { scheme: name }
  const layout = 'quantized'
  return {
    scheme: name,
    axis,
    scales: withFacts(scale, { layout }).tensor,
    zeroPoints: withFacts(zeroPoint, { layout }).tensor,
  }
}

/** Tensors that are not dense: https://github.com/pytorch/pytorch/blob/main/torch/_utils.py. */
export function partedCalls(storages: StorageTable): ReadonlyMap<string, Call> {
  const quantized: Call = ([storage, offset, size, stride, params, requiresGrad]): TensorValue | undefined => {
    const made = viewTensor(storages, storage, { offset, size, stride }, { requiresGrad })
    const quantization = quantizationOf(params)
    return made && withFacts(made, { layout: 'quantized', ...(quantization && { quantization }) })
  }
  return new Map<string, Call>([
    ['torch._utils._rebuild_qtensor', quantized],
    ['torch._utils._rebuild_sparse_tensor', sparse],
    ['torch._utils._rebuild_sparse_csr_tensor', sparse],
    ['torch._utils._rebuild_nested_tensor', nested],
  ])
}
