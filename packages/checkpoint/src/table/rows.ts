import { factOf, type Fact, TEXT_MAX } from '../facts/fact.ts'
import { isSecret } from '../facts/secret.ts'
import type { Measurement } from '../measure/measure.ts'
import type { Graph, ModelFile, Quantization, Storage, Tensor } from '../model-file.ts'
import { present } from '../present.ts'
import type { StateDict } from '../weights/state-dict.ts'
import type { TableStorage, TableTensor, TensorTable } from './table.ts'

/** Of lists that a stranger's file can make as long as it likes, so many entries. */
export const LINES_MAX = 1000

/** By the tensor's place in the file; undefined where nothing was measured. */
export type Measurements = readonly (Measurement | undefined)[] | undefined

/** All of a table that takes no reading. */
export function rowsOf(
  file: ModelFile,
  stateDict: StateDict,
  measurements: Measurements,
): Omit<TensorTable, 'facts' | 'warnings'> {
  const storages = new Map<Storage, number>()
  const placeOf = (storage: Storage): number => {
    const place = storages.get(storage) ?? storages.size
    storages.set(storage, place)
    return place
  }
  const names: string[] = []
  for (const { name, tensor } of stateDict.weights) names[tensor] = name
  const tensors = file.tensors.map((tensor, i) => tensorRow(tensor, placeOf, names[i], measurements?.[i]))
  return present<Omit<TensorTable, 'facts' | 'warnings'>>({
    format: file.format,
    producer: file.producer,
    enclosing: stateDict.enclosing,
    others: stateDict.others.slice(0, LINES_MAX),
    storages: [...storages.keys()].map(storageRow),
    tensors,
    aliases: stateDict.aliases,
    copies: stateDict.copies,
    metadata: shortMetadata(file),
    imports: file.imports.slice(0, LINES_MAX),
    graph: file.graph && shortGraph(file.graph),
  })
}

function storageRow({ length, place, bigEndian, device }: Storage): TableStorage {
  return present<TableStorage>({
    bytes: length,
    at: place?.offset,
    file: place?.file,
    bigEndian: bigEndian || undefined,
    device,
  })
}

function tensorRow(
  tensor: Tensor,
  placeOf: (storage: Storage) => number,
  weight: string | undefined,
  measurement: Measurement | undefined,
): TableTensor {
  const { storage, quantization } = tensor
  return present<TableTensor>({
    storage: storage && placeOf(storage),
    name: tensor.name,
    dtype: tensor.dtype,
    shape: tensor.shape,
    elements: tensor.elements,
    bytes: tensor.bytes,
    offset: tensor.offset,
    strides: tensor.strides,
    conjugated: tensor.conjugated || undefined,
    negated: tensor.negated || undefined,
    requiresGrad: tensor.requiresGrad || undefined,
    parameter: tensor.parameter || undefined,
    layout: tensor.layout,
    quantization: quantization && withoutTensors(quantization),
    weight,
    sha256: measurement?.sha256,
    statistics: measurement?.statistics,
  })
}

function withoutTensors({ scheme, scale, zeroPoint, axis }: Quantization): NonNullable<TableTensor['quantization']> {
  return present<NonNullable<TableTensor['quantization']>>({ scheme, scale, zeroPoint, axis })
}

/** What a person reads of it; a vocabulary is none of that, and a secret is nobody's. */
function shortMetadata({ metadata }: ModelFile): Map<string, Fact> {
  const short = new Map<string, Fact>()
  for (const [key, value] of metadata) {
    const fact = factOf(value)
    if (short.size === LINES_MAX || fact === undefined || key.length > TEXT_MAX || isSecret(key, fact)) continue
    short.set(key, typeof fact === 'string' && fact.length > TEXT_MAX ? `${fact.slice(0, TEXT_MAX)}…` : fact)
  }
  return short
}

function shortGraph({ inputs, outputs, operators, nodes }: Graph): Graph {
  return {
    inputs: inputs.slice(0, LINES_MAX),
    outputs: outputs.slice(0, LINES_MAX),
    operators: new Map([...operators].slice(0, LINES_MAX)),
    nodes,
  }
}
