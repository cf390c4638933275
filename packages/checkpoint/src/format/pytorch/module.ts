import type { DictValue, Value } from '../../model-file.ts'
import { attribute, type Entry, isDict, isList, isObject, itemsOf } from '../../pickle/value.ts'

/**
 * The parts of a pickled `nn.Module` that its `state_dict()` has, in that order: parameters, buffers that persist, then modules. Undefined
 * for what is no module.
 */
export function moduleParts(value: Value): Entry[] | undefined {
  if (!isObject(value)) return
  // A GraphModule is saved as a call with its attributes as the first argument.
  const holder = value.state === undefined ? itemsOf(value.args)?.[0] : value
  const part = (name: string): DictValue | undefined => {
    const found = attribute(holder, name)
    return isDict(found) ? found : undefined
  }
  const [parameters, buffers, modules] = [part('_parameters'), part('_buffers'), part('_modules')]
  if (parameters === undefined || modules === undefined) return
  const transient = attribute(holder, '_non_persistent_buffers_set')
  const isTransient = new Set(isList(transient) ? transient.items : [])
  const persistent = buffers?.entries.filter(([name]) => !isTransient.has(name)) ?? []
  // Quantized modules keep their weights in an object of C++, and put it into the state dict by this name.
  const packed = attribute(holder, '_packed_params')
  const more: Entry[] = packed === undefined ? [] : [['_packed_params', packed]]
  return [...parameters.entries, ...persistent, ...more, ...modules.entries]
}
