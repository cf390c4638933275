import type { ModelFile, Tensor } from '../model-file.ts'
import { type Choice, chooseStateDict } from './choose.ts'
import { TensorPaths } from './group.ts'
import { AVERAGED_COUNT, unwrapNames } from './wrapper.ts'

export interface WeightsOptions {
  /** The state dict's path in the object, such as `ema` or `state.model`; `.` for all tensors. What the configuration's `state_dict` says. */
  readonly stateDict?: string | undefined
}

/** A tensor of the model's state dict. */
export interface Weight {
  /** Without enclosing key and wrapper prefixes. */
  readonly name: string
  /** Its place in `ModelFile.tensors`. */
  readonly tensor: number
}

export interface StateDict {
  /** In the order of the file. */
  readonly weights: readonly Weight[]
  /** The key that encloses the state dict, which the names lack; `''` where there is none. */
  readonly enclosing: string
  /** Names that the file gives to another of its tensors instead of a payload: alias → that tensor's name in `weights`. */
  readonly aliases: ReadonlyMap<string, string>
  /** Likewise names that have a payload of their own: they are copies of that tensor. */
  readonly copies: ReadonlyMap<string, string>
  /** Other state dicts in the file, such as an average. */
  readonly others: readonly string[]
  readonly warnings: readonly string[]
}

/** Which tensors are the model, and what they are called in whatever file they are kept: docs/formats.md, "Weights digest". */
export function stateDictOf(file: ModelFile, { stateDict }: WeightsOptions = {}): StateDict {
  const configured = stateDict === undefined ? undefined : configuredChoice(file, stateDict)
  const warnings =
    stateDict !== undefined && configured === undefined ? [`there is no state dict at ${stateDict}, as configured`] : []
  const choice = configured ?? choiceOf(file)
  const taken = choice === undefined ? [] : indicesOf(file.tensors, choice)
  const enclosing = choice?.enclosing ?? ''
  const names = taken.map((i) => file.tensors[i]!.name.slice(enclosing === '' ? 0 : enclosing.length + 1))
  const known = new Set(names)
  const sameAs = sameAsIn(file, known)
  const aliases = sameAs.filter(([name]) => !known.has(name))
  const unwrapped = unwrapNames([...names, ...aliases.map(([alias]) => alias)])
  // Seldom wanted, and as large as the file likes.
  const nameOf =
    sameAs.length === 0 ? new Map<string, string>() : new Map(names.map((name, i) => [name, unwrapped[i]!]))
  const isAveraged =
    names.some((name) => name.startsWith('module.')) && !unwrapped.some((name) => name.startsWith('module.'))
  return {
    weights: taken
      .map((tensor, i) => ({ name: unwrapped[i]!, tensor }))
      .filter(({ name }) => !isAveraged || name !== AVERAGED_COUNT),
    enclosing,
    aliases: new Map(aliases.map(([, name], i) => [unwrapped[names.length + i]!, nameOf.get(name)!])),
    copies: new Map(
      sameAs.filter(([name]) => known.has(name)).map(([copy, name]) => [nameOf.get(copy)!, nameOf.get(name)!]),
    ),
    others: choice?.others ?? [],
    warnings,
  }
}

function choiceOf({ root, format, tensors }: ModelFile): Choice | undefined {
  const all = { paths: [''], without: [], enclosing: '', others: [] }
  if (format === 'torchscript' || format === 'torch-export') {
    // A program has constants that no state dict has; a frozen one has nothing else.
    return tensors.every(({ name }) => name.startsWith('constants.')) ? all : { ...all, without: ['constants'] }
  }
  return root === undefined ? all : chooseStateDict(root, new TensorPaths(tensors))
}

function configuredChoice(file: ModelFile, path: string): Choice | undefined {
  if (path === '.') return { paths: [''], without: [], enclosing: '', others: [] }
  if (!new TensorPaths(file.tensors).has(path)) return undefined
  return { paths: [path], without: [], enclosing: path, others: [] }
}

function indicesOf(tensors: readonly Tensor[], { paths, without }: Choice): number[] {
  const isBelow = (name: string) => (path: string) => path === '' || name.startsWith(`${path}.`)
  const indices: number[] = []
  // Python objects of NumPy's are a pickle that is not read: no digest could tell two of them apart.
  for (const [i, { name, dtype }] of tensors.entries())
    if (dtype !== 'object' && paths.some(isBelow(name)) && !without.some(isBelow(name))) indices.push(i)
  return indices
}

/**
 * `safetensors.torch.save_model` drops all but one name of shared weights, and says so in the metadata: dropped name → kept name. art's export
 * says it too where it writes a payload for each.
 */
function sameAsIn({ format, metadata }: ModelFile, known: ReadonlySet<string>): [name: string, other: string][] {
  if (format !== 'safetensors') return []
  const pairs: [string, string][] = []
  for (const [name, other] of metadata)
    if (typeof other === 'string' && known.has(other) && name !== other) pairs.push([name, other])
  return pairs
}

/** The weights of a file under their names, each alias as another name of its tensor. */
export function weightTensors(file: ModelFile, { weights, aliases }: StateDict): Tensor[] {
  return withAliases(
    weights.map(({ name, tensor }) => ({ ...file.tensors[tensor]!, name })),
    aliases,
  )
}

export function withAliases(weights: readonly Tensor[], aliases: ReadonlyMap<string, string>): Tensor[] {
  const byName = new Map(weights.map((tensor) => [tensor.name, tensor]))
  const shared = [...aliases].flatMap(([alias, name]) => {
    const tensor = byName.get(name)
    return tensor === undefined ? [] : [{ ...tensor, name: alias }]
  })
  return [...weights, ...shared]
}
