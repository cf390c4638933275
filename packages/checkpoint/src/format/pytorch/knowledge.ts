import { itemBytes } from '../../dtype.ts'
import { PLAIN_CALLS } from '../../pickle/known/known.ts'
import { numpyKnowledge } from '../../pickle/known/numpy.ts'
import { callName } from '../../pickle/class-name.ts'
import type { Known, Knowledge } from '../../pickle/settle.ts'
import { isGlobal, isObject, isTensor, itemsOf, nameOf, object, tuple } from '../../pickle/value.ts'
import { denseCalls, tensorValue, withFacts } from './rebuild.ts'
import { partedCalls } from './rebuild-parts.ts'
import type { StorageTable } from './storages.ts'

const first: Known = ([value]) => value

/** `torch.device('cuda', 0)` → `cuda:0`. */
const device: Known = ([type, index]) => {
  if (typeof type !== 'string') return
  return typeof index === 'number' ? `${type}:${index}` : type
}

/** A subclass of Tensor around others, which stand in its state. */
const wrapper: Known = ([type, ...rest]) => (type === undefined ? undefined : object(type, tuple(rest)))

const SMALL_CALLS: readonly [string, Known][] = [
  ['torch.Size', first],
  ['torch.device', device],
  ['torch.serialization._get_layout', first],
  ['torch._utils._rebuild_wrapper_subclass', wrapper],
  ['torch.jit._pickle.restore_type_tag', first],
  ['torch.jit._pickle.build_intlist', first],
  ['torch.jit._pickle.build_doublelist', first],
  ['torch.jit._pickle.build_boollist', first],
  ['torch.jit._pickle.build_tensorlist', first],
]

/** What a pickle of torch is understood by: its tensors, and whatever plain data Python programs keep beside them. */
export function torchKnowledge(storages: StorageTable): Knowledge {
  const numpy = numpyKnowledge()
  const calls = new Map<string, Known>([
    ...PLAIN_CALLS,
    ...numpy.calls,
    ...SMALL_CALLS,
    ...denseCalls(storages),
    ...partedCalls(storages),
  ])
  const fromNumpy: Known = ([data, , , requiresGrad]) => {
    const made = isTensor(data) ? data : tensorValue(numpy.tensorOf(data))
    return made && withFacts(made, requiresGrad === true ? { requiresGrad } : {})
  }
  /** `_rebuild_from_type_v2(function, class, arguments, state)`: a tensor of a class of its own, or with attributes. */
  const fromType: Known = ([rebuild, type, args, state], node, budget) => {
    const known = isGlobal(rebuild) ? calls.get(callName(rebuild)) : undefined
    const made = known?.(itemsOf(args) ?? [], node, budget)
    if (isObject(made) && made.state === undefined) made.state = state
    return isTensor(made) && nameOf(type) === 'torch.nn.parameter.Parameter'
      ? withFacts(made, { parameter: true })
      : made
  }
  for (const name of ['from_numpy', 'xla_tensor']) calls.set(`torch._utils._rebuild_${name}`, fromNumpy)
  calls.set('torch._utils._rebuild_device_tensor_from_numpy', fromNumpy)
  calls.set('torch._tensor._rebuild_from_type_v2', fromType)
  calls.set('torch._tensor._rebuild_from_type', fromType)
  return {
    calls,
    dict: numpy.dict,
    global: (value) =>
      value.module === 'torch' && itemBytes(value.name) !== undefined ? `torch.${value.name}` : value,
    persistent(id) {
      const items = itemsOf(id)
      // The legacy format names a class of modules so, with its source text; only the class is of interest.
      if (items?.[0] === 'module') return items[1]
      return storages.resolve(id)
    },
  }
}
