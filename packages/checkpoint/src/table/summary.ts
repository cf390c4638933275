import { type LayerGroup, layerGroups, type NamedWeight, sharedAmong } from '../facts/parameters.ts'
import type { TensorTable } from './table.ts'

/** What a screen shows of a model before its tensors. */
export interface ModelSummary {
  /** Of the weights. */
  readonly layers: readonly LayerGroup[]
  /** Names of weights that are one tensor. */
  readonly shared: readonly (readonly string[])[]
  /** Of the weights, the most frequent first. */
  readonly dtypes: readonly Share[]
  /** Of all tensors, the most frequent first: where they were saved from. */
  readonly devices: readonly Share[]
  /** Payloads of the weights, each storage once; and of all other tensors. */
  readonly weightBytes: number
  readonly otherBytes: number
}

export interface Share {
  readonly name: string
  readonly tensors: number
  readonly bytes: number
}

export function summarize({ tensors, storages, aliases, copies }: TensorTable): ModelSummary {
  const weights: NamedWeight[] = []
  for (const tensor of tensors) if (tensor.weight !== undefined) weights.push({ name: tensor.weight, tensor })
  const dtypes = new Map<string, Share>()
  for (const { tensor } of weights) count(dtypes, tensor.dtype, tensor.bytes)
  const devices = new Map<string, Share>()
  const used = new Set<number>()
  let [weightBytes, otherBytes] = [0, 0]
  for (const { weight, dtype, storage, bytes } of tensors.toSorted(
    (a, b) => Number(b.weight !== undefined) - Number(a.weight !== undefined),
  )) {
    const device = deviceOf({ dtype, storage }, storages)
    if (device !== undefined) count(devices, device, bytes)
    if (storage === undefined || used.has(storage)) continue
    used.add(storage)
    if (weight === undefined) otherBytes += storages[storage]!.bytes
    else weightBytes += storages[storage]!.bytes
  }
  return {
    layers: layerGroups(weights, copies),
    shared: sharedAmong(weights, new Map([...aliases, ...copies])),
    dtypes: ordered(dtypes),
    devices: ordered(devices),
    weightBytes,
    otherBytes,
  }
}

/** Where a tensor was saved from; what NumPy keeps as Python objects is of no device. */
export function deviceOf(
  { dtype, storage }: { dtype: string; storage?: number | undefined },
  storages: TensorTable['storages'],
): string | undefined {
  if (storage !== undefined) return storages[storage]?.device
  return dtype === 'object' ? undefined : 'meta'
}

function count(shares: Map<string, Share>, name: string, bytes: number): void {
  const known = shares.get(name) ?? { name, tensors: 0, bytes: 0 }
  shares.set(name, { name, tensors: known.tensors + 1, bytes: known.bytes + bytes })
}

function ordered(shares: ReadonlyMap<string, Share>): Share[] {
  return [...shares.values()].sort((a, b) => b.tensors - a.tensors || (a.name < b.name ? -1 : 1))
}
