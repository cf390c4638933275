import type { Tensor, TensorValue, Value } from '../../model-file.ts'
import { attribute, isGlobal, isTensor } from '../../pickle/value.ts'
import type { StorageTable } from './storages.ts'
import { type Geometry, strided } from './tensor.ts'

/** A call of which the arguments need not be plain data yet. */
export type Call = (args: readonly Value[]) => Value | undefined

/** `torch.float32`, as a name or as text → `float32`; undefined for all else. */
export function dtypeOf(value: Value | undefined): string | undefined {
  if (isGlobal(value)) return value.module === 'torch' ? value.name : undefined
  return typeof value === 'string' && value.startsWith('torch.') ? value.slice('torch.'.length) : undefined
}

export function tensorValue(tensor: Omit<Tensor, 'name'> | undefined): TensorValue | undefined {
  return tensor && { kind: 'tensor', tensor }
}

/** The same tensor with more known of it. */
export function withFacts(value: TensorValue, facts: Partial<Omit<Tensor, 'name'>>): TensorValue {
  return { kind: 'tensor', tensor: { ...value.tensor, ...facts } }
}

interface Extra {
  readonly requiresGrad?: Value | undefined
  readonly metadata?: Value | undefined
}

/** A strided view of one of the pickle's storages. */
export function viewTensor(
  storages: StorageTable,
  storage: Value | undefined,
  geometry: Omit<Geometry, 'dtype'> & { dtype?: string | undefined },
  { requiresGrad, metadata }: Extra = {},
): TensorValue | undefined {
  const handle = storages.handleOf(storage)
  if (handle === undefined) return
  const tensor = strided(handle, { ...geometry, dtype: geometry.dtype ?? handle.dtype })
  if (tensor === undefined) return
  return {
    kind: 'tensor',
    tensor: {
      ...tensor,
      ...(requiresGrad === true && { requiresGrad }),
      ...(attribute(metadata, 'conj') === true && { conjugated: true }),
      ...(attribute(metadata, 'neg') === true && { negated: true }),
    },
  }
}

/**
 * The functions that torch saves a dense tensor as a call of:
 * https://github.com/pytorch/pytorch/blob/main/torch/_utils.py (`_rebuild_*`).
 */
export function denseCalls(storages: StorageTable): ReadonlyMap<string, Call> {
  const v2: Call = ([storage, offset, size, stride, requiresGrad, , metadata]) =>
    viewTensor(storages, storage, { offset, size, stride }, { requiresGrad, metadata })
  const v3: Call = ([storage, offset, size, stride, requiresGrad, , dtype, metadata]) =>
    viewTensor(storages, storage, { offset, size, stride, dtype: dtypeOf(dtype) ?? '' }, { requiresGrad, metadata })
  const meta: Call = ([dtype, size, stride, requiresGrad]) => {
    const tensor = strided(undefined, { dtype: dtypeOf(dtype) ?? '', offset: 0, size, stride })
    return tensorValue(tensor && { ...tensor, ...(requiresGrad === true && { requiresGrad }) })
  }
  const parameter: Call = ([data, requiresGrad = true]) => {
    if (!isTensor(data)) return
    return withFacts(data, { parameter: true, requiresGrad: requiresGrad === true })
  }
  const moved: Call = ([data, , , requiresGrad]) =>
    isTensor(data) ? withFacts(data, requiresGrad === true ? { requiresGrad } : {}) : undefined
  return new Map<string, Call>([
    ['torch._utils._rebuild_tensor', v2],
    ['torch._utils._rebuild_tensor_v2', v2],
    ['torch._utils._rebuild_tensor_v3', v3],
    ['torch._utils._rebuild_meta_tensor_no_storage', meta],
    ['torch._utils._rebuild_parameter', parameter],
    ['torch._utils._rebuild_parameter_with_state', parameter],
    ['torch.nn.parameter.Parameter', parameter],
    ['torch._utils._rebuild_device_tensor_from_cpu_tensor', moved],
  ])
}
