import { itemBytes } from '../../dtype.ts'
import type { Value } from '../../model-file.ts'
import { callName } from '../../pickle/class-name.ts'
import { PLAIN_CALLS } from '../../pickle/known/known.ts'
import { numpyKnowledge } from '../../pickle/known/numpy.ts'
import type { Eager } from '../../pickle/machine.ts'
import type { Known, Knowledge } from '../../pickle/settle.ts'
import { dict, isGlobal, isObject, isTensor, isTuple, itemsOf, nameOf, object, tuple } from '../../pickle/value.ts'
import { type Call, denseCalls, tensorValue, withFacts } from './rebuild.ts'
import { partedCalls } from './rebuild-parts.ts'
import { spelledId } from './spelled-id.ts'
import type { StorageTable } from './storages.ts'

const first: Call = ([value]) => value

/** `torch.device('cuda', 0)` → `cuda:0`. */
const device: Call = ([type, index]) => {
  if (typeof type !== 'string') return
  return typeof index === 'number' ? `${type}:${index}` : type
}

/** A subclass of Tensor around others, which stand in its state. */
const wrapper: Call = ([type, ...rest]) => (type === undefined ? undefined : object(type, tuple(rest)))

const SMALL_CALLS: readonly [string, Call][] = [
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

/** Tensors are made while a pickle runs: of a large checkpoint they are nearly all there is. */
export function torchEager(storages: StorageTable): Eager {
  const calls = denseCalls(storages)
  /** A call that only `settle` makes plain data of, or a tuple with one. */
  const isDescription = (value: Value): boolean =>
    isTuple(value) ? value.items.some(isObject) : isObject(value) && storages.handleOf(value) === undefined
  return {
    persistent(given) {
      const id = typeof given === 'string' ? spelledId(given) : given
      if (id === undefined) return
      const items = itemsOf(id)
      // The legacy format names a class of modules so, with its source text; only the class is of interest.
      return items?.[0] === 'module' ? items[1] : storages.resolve(id)
    },
    call(type, args): Value | undefined {
      const name = callName(type)
      // Every tensor has an empty one, of hooks.
      if (name === 'collections.OrderedDict') return args.length === 0 ? dict([]) : undefined
      return args.some(isDescription) ? undefined : calls.get(name)?.(args)
    },
  }
}

/** What a file within the pickle holds; undefined where it cannot be read. */
type Within = (file: Value | undefined) => Value | undefined

/**
 * What a pickle of torch is understood by: its tensors, and whatever plain data Python programs keep beside them. What is not understood of a
 * tensor stays an object, and is told.
 */
export function torchKnowledge(storages: StorageTable, warnings: Set<string>, within: Within): Knowledge {
  const numpy = numpyKnowledge()
  const tensors = [...denseCalls(storages), ...partedCalls(storages)].map(([name, rebuild]): [string, Known] => [
    name,
    (args) => {
      const made = rebuild(args)
      if (made === undefined) warnings.add(`a tensor is left out: art does not understand this call of ${name}`)
      return made
    },
  ])
  const calls = new Map<string, Known>([...PLAIN_CALLS, ...numpy.calls, ...SMALL_CALLS, ...tensors])
  const fromNumpy: Call = ([data, , , requiresGrad]) => {
    const made = isTensor(data) ? data : tensorValue(numpy.tensorOf(data))
    return made && withFacts(made, requiresGrad === true ? { requiresGrad } : {})
  }
  /** `_rebuild_from_type_v2(function, class, arguments, state)`: a tensor of a class of its own, or with attributes. */
  const fromType: Known = ([rebuild, type, args, state], node, budget) => {
    const known = isGlobal(rebuild) ? calls.get(callName(rebuild)) : undefined
    const made = known?.(itemsOf(args) ?? [], node, budget)
    if (made === undefined && type !== undefined) {
      // Most keep the tensors that they are made of as attributes, too.
      const other = object(type, state === undefined || state === null ? args : undefined)
      other.state = state
      return other
    }
    if (isObject(made) && made.state === undefined) made.state = state
    return isTensor(made) && nameOf(type) === 'torch.nn.parameter.Parameter'
      ? withFacts(made, { parameter: true })
      : made
  }
  calls.set('torch.storage._load_from_bytes', ([file]) => within(file))
  calls.set('torch._utils._rebuild_device_tensor_from_numpy', fromNumpy)
  calls.set('torch._utils._rebuild_xla_tensor', fromNumpy)
  calls.set('torch._tensor._rebuild_from_type_v2', fromType)
  calls.set('torch._tensor._rebuild_from_type', fromType)
  return {
    calls,
    dict: numpy.dict,
    global: (value) =>
      value.module === 'torch' && itemBytes(value.name) !== undefined ? `torch.${value.name}` : value,
  }
}
