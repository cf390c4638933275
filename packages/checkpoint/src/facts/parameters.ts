import { createIdentities, type Stored } from '../weights/identity.ts'

/** Buffers that are kept in floating-point numbers, by the last step of their names: batch norm, rotary positions, averages. */
const BUFFERS = new Set('running_mean running_var num_batches_tracked n_averaged inv_freq anchor_grid'.split(' '))

/** What integers may be and still be weights: those of quantized models. */
const INTEGER_WEIGHT = /^(?:q?weight(?:_packed)?|qzeros)$/

/** A tensor of the state dict, under its name there. */
export interface NamedWeight {
  readonly name: string
  readonly tensor: Stored
}

/**
 * Those that `model.parameters()` would go through, as far as a state dict tells: not buffers, and shared weights once. Where the file says
 * of tensors that they are parameters (whole modules), those, and quantized ones, which cannot be any; else all but known buffers, integers and truth values.
 */
export function parametersAmong(weights: readonly NamedWeight[], copies: ReadonlyMap<string, string>): NamedWeight[] {
  const marked = weights.some(({ tensor }) => tensor.parameter === true)
  const identify = createIdentities()
  let seen = 0
  return weights.filter(({ name, tensor }) => {
    if (copies.has(name)) return false
    const counts = !marked || tensor.layout === 'quantized' ? looksLikeParameter(name, tensor) : tensor.parameter
    if (counts !== true) return false
    const identity = identify(tensor)
    if (identity === undefined) return true
    if (identity < seen) return false
    seen++
    return true
  })
}

function looksLikeParameter(name: string, { dtype, layout }: Stored): boolean {
  const last = name.slice(name.lastIndexOf('.') + 1)
  if (BUFFERS.has(last)) return false
  // Of the parts of a quantized tensor only itself, of a sparse one only its values.
  if (layout !== undefined && /^(?:scales|zero_points|.*indices|size|sizes|strides|storage_offsets)$/.test(last))
    return false
  return !/^(?:u?int\d|bool)/.test(dtype) || INTEGER_WEIGHT.test(last)
}

/** Names that share their numbers: each list is of one tensor, in the order of the file. `sameAs` are aliases and copies. */
export function sharedAmong(weights: readonly NamedWeight[], sameAs: ReadonlyMap<string, string>): string[][] {
  const identify = createIdentities()
  const named = new Set(sameAs.values())
  const byIdentity: string[][] = []
  const lists: string[][] = []
  const listOf = new Map<string, string[]>()
  for (const { name, tensor } of weights) {
    if (sameAs.has(name)) continue
    const identity = identify(tensor)
    let names = identity === undefined ? undefined : byIdentity[identity]
    if (names === undefined) {
      names = [name]
      lists.push(names)
      if (identity !== undefined) byIdentity[identity] = names
    } else names.push(name)
    if (named.has(name)) listOf.set(name, names)
  }
  for (const [other, name] of sameAs) listOf.get(name)?.push(other)
  return lists.filter((names) => names.length > 1)
}

export interface LayerGroup {
  /** A prefix of names, such as `layer1`; `model.layers.*` for a row of numbered ones. */
  readonly name: string
  readonly tensors: number
  readonly parameters: number
  readonly bytes: number
}

interface Node {
  readonly name: string
  tensors: number
  parameters: number
  bytes: number
  /** `NO_CHILDREN` until it has one: most have none. */
  children: Map<string, Node>
}

/** No more groups than fit on a screen. */
const GROUPS_MAX = 16
/** More numbered parts than these are one group: the layers of a transformer. */
const NUMBERED_MAX = 6
/** What lies deeper, or beyond so many parts, is counted where it hangs. */
const DEPTH = 6
const NODES_MAX = 50_000

/** Parameters by the parts of the model, the largest parts taken apart while that leaves few enough. In the order of the file. */
export function layerGroups(weights: readonly NamedWeight[], copies: ReadonlyMap<string, string>): LayerGroup[] {
  const top = emptyNode('')
  const counted = new Set(parametersAmong(weights, copies))
  let nodes = 0
  for (const weight of weights) {
    let node = top
    add(node, weight, counted)
    // The last step is the parameter's own name.
    for (const step of weight.name.split('.', DEPTH + 1).slice(0, -1)) {
      let child = node.children.get(step)
      if (child === undefined) {
        if (nodes++ === NODES_MAX) break
        child = emptyNode(node.name === '' ? step : `${node.name}.${step}`)
        if (node.children === NO_CHILDREN) node.children = new Map()
        node.children.set(step, child)
      }
      node = child
      add(node, weight, counted)
    }
  }
  let groups: Node[] = weights.length === 0 ? [] : [top]
  for (;;) {
    const split = groups
      .filter((node) => canSplit(node) && groups.length - 1 + node.children.size <= GROUPS_MAX)
      .filter((node) => groups.length === 1 || node.parameters > top.parameters / 3)
      .sort((a, b) => b.parameters - a.parameters)[0]
    if (split === undefined) break
    groups = groups.flatMap((node) => (node === split ? partsOf(node) : [node]))
  }
  return groups.map(({ name, tensors, parameters, bytes, children }) => ({
    name: isNumbered(children) ? `${name === '' ? '' : `${name}.`}*` : name,
    tensors,
    parameters,
    bytes,
  }))
}

const NO_CHILDREN = new Map<string, Node>()

function emptyNode(name: string): Node {
  return { name, tensors: 0, parameters: 0, bytes: 0, children: NO_CHILDREN }
}

function add(node: Node, weight: NamedWeight, counted: ReadonlySet<NamedWeight>): void {
  node.tensors++
  node.parameters += counted.has(weight) ? weight.tensor.elements : 0
  node.bytes += weight.tensor.bytes
}

function canSplit({ children }: Node): boolean {
  return children.size > 0 && !isNumbered(children)
}

function isNumbered(children: ReadonlyMap<string, Node>): boolean {
  return children.size > NUMBERED_MAX && [...children.keys()].every((key) => /^\d+$/.test(key))
}

/** The children; and, for what lies in the node itself, the node without them. */
function partsOf({ name, children, ...node }: Node): Node[] {
  const parts = [...children.values()]
  const rest = parts.reduce(
    (left, part) => ({
      tensors: left.tensors - part.tensors,
      parameters: left.parameters - part.parameters,
      bytes: left.bytes - part.bytes,
    }),
    node,
  )
  return rest.tensors > 0 ? [...parts, { ...emptyNode(name), ...rest }] : parts
}
