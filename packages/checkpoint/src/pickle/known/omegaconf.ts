import type { Value } from '../../model-file.ts'
import type { Known } from '../settle.ts'
import { attribute, isDict, isList } from '../value.ts'

/** What a configuration holds, without the bookkeeping around it: its types, flags and way back to its parent. */
const container: Known = (_args, object) => {
  const content = attribute(object, '_content')
  // A container can be missing (`???`), None or an interpolation: then it is that text.
  return isDict(content) || isList(content) || typeof content === 'string' || content === null ? content : undefined
}

const node: Known = (_args, object): Value | undefined => attribute(object, '_val')

/** A value that may have one of several types holds the node of the one it has. */
const union: Known = (_args, object): Value | undefined => attribute(object, '_content')

const NODES = [
  'Any',
  'Boolean',
  'Bytes',
  'Enum',
  'Float',
  'Integer',
  'InterpolationResult',
  'Literal',
  'None',
  'Path',
  'String',
]

/** OmegaConf's and Hydra's configurations as the dicts and lists they stand for; interpolations stay unresolved. */
export const OMEGACONF: ReadonlyMap<string, Known> = new Map([
  ['omegaconf.dictconfig.DictConfig', container],
  ['omegaconf.listconfig.ListConfig', container],
  ['omegaconf.tupleconfig.TupleConfig', container],
  ...NODES.map((name): [string, Known] => [`omegaconf.nodes.${name}Node`, node]),
  ['omegaconf.base.UnionNode', union],
])
