import type { LayerGroup } from '@art/checkpoint/facts/parameters.ts'
import type { OptimizerFacts } from '@art/checkpoint/facts/optimizer.ts'
import type { Graph, Port } from '@art/checkpoint'
import { relieve } from '@art/core/relieve.ts'
import type { Statistics } from '@art/checkpoint/statistics/moments.ts'
import { summarize } from '@art/checkpoint/table/summary.ts'
import type { TableTensor, TensorTable } from '@art/checkpoint/table/table.ts'
import type { CheckpointFacts } from '../api.ts'
import type { Figure, ShownOptimizer, ShownPort, ShownTensor, ShowResult } from '../view-api.ts'
import { withGiven } from './given-facts.ts'
import type { Look } from './look.ts'
import { defined, factValue, figure, plainRecord } from './plain.ts'

/** What is told of a model wherever it is from: everything but what it is called and where it lies. */
export type Shown = Omit<ShowResult, 'name' | 'path' | 'oid' | 'size' | 'here' | 'from'>

export function shownOf({ table, block, given, here }: Look): Shown {
  const shown = table === undefined ? fromBlock(block) : fromTable(table, block, here)
  return given === undefined ? shown : { ...shown, metrics: withGiven(shown.metrics, given), given }
}

function fromTable(table: TensorTable, block: CheckpointFacts | undefined, here: boolean): Shown {
  const { format, producer, facts, metadata, imports, scan, graph, warnings } = table
  const { epoch, step, resumeEpoch, torch } = facts
  relieve(table.tensors.length)
  const { layers, shared, dtypes, devices, weightBytes, otherBytes } = summarize(table)
  relieve(table.tensors.length)
  // Of bytes that are here nobody's word counts.
  const word = here ? undefined : block
  const optimizers = facts.optimizers.map(optimizer)
  const weights = facts.weights === undefined ? block?.weights : `sha256:${facts.weights}`
  return {
    format,
    ...(producer === undefined ? {} : { producer }),
    parameters: facts.parameters,
    weights: weights ?? null,
    tensors: table.tensors.map((tensor) => shownTensor(tensor, table)),
    metadata: plainRecord(metadata, factValue),
    ...defined({ epoch, step, resumeEpoch, torch, torchInstalled: block?.torchInstalled }),
    metrics: plainRecord(facts.metrics, figure),
    config: plainRecord(facts.config, factValue),
    ...(optimizers[0] === undefined ? {} : { optimizer: optimizers[0] }),
    optimizers,
    imports: [...imports],
    unsafe: [...(scan?.unsafe ?? word?.unsafeImports ?? [])],
    scan: scan?.verdict ?? word?.scan ?? null,
    layers: layers.map((group: LayerGroup) => ({ ...group })),
    shared: shared.map((names) => [...names]),
    dtypes: [...dtypes],
    devices: [...devices],
    weightBytes,
    otherBytes,
    ...(graph === undefined ? {} : { graph: shownGraph(graph) }),
    leftOut: facts.leftOut.map(({ name }) => name),
    notes: [...warnings],
  }
}

/** A pointer keeps figures and no tensors. */
function fromBlock(block: CheckpointFacts = { metrics: {}, config: {} }): Shown {
  const { format, parameters, weights, epoch, step, torch, torchInstalled, metrics, config, unsafeImports } = block
  return {
    format: format ?? null,
    parameters: parameters ?? null,
    weights: weights ?? null,
    tensors: [],
    metadata: {},
    ...defined({ epoch, step, torch, torchInstalled }),
    metrics,
    config,
    optimizers: [],
    imports: [],
    unsafe: unsafeImports ?? [],
    scan: block.scan ?? null,
    layers: [],
    shared: [],
    dtypes: [],
    devices: [],
    weightBytes: null,
    otherBytes: null,
    leftOut: block.leftOut ?? [],
    notes: [],
  }
}

function shownTensor(tensor: TableTensor, { storages }: TensorTable): ShownTensor {
  const { name, dtype, shape, bytes, weight, layout, sha256, statistics, storage } = tensor
  const device = storage === undefined ? 'meta' : storages[storage]?.device
  return {
    name,
    dtype,
    shape,
    bytes,
    ...defined({ weight, device, layout, sha256 }),
    ...(statistics === undefined ? {} : { statistics: shownStatistics(statistics) }),
  }
}

export function shownStatistics(statistics: Statistics): ShownTensor['statistics'] & object {
  const { mean, std, min, max, nan, infinite } = statistics
  // Nearly all are shown as they are, and a model may have a hundred thousand.
  if ([mean, std, min, max].every((value) => value === undefined || Number.isFinite(value))) return statistics
  return { ...plainFigures({ mean, std, min, max }), nan, infinite }
}

function plainFigures(figures: Readonly<Record<string, number | undefined>>): Record<string, Figure> {
  const known = Object.entries(figures).filter((entry): entry is [string, number] => entry[1] !== undefined)
  return Object.fromEntries(known.map(([key, value]) => [key, figure(value)]))
}

function optimizer({ path, kind, groups, lr, settings, steps, tensors, bytes }: OptimizerFacts): ShownOptimizer {
  return {
    path,
    ...defined({ kind, steps }),
    groups,
    lr: lr.map(figure),
    settings: plainRecord(settings, factValue),
    tensors,
    bytes,
  }
}

function shownGraph({ inputs, outputs, operators, nodes }: Graph): ShowResult['graph'] & object {
  const port = ({ name, dtype, shape }: Port): ShownPort => ({ name, ...defined({ dtype, shape }) })
  return {
    inputs: inputs.map(port),
    outputs: outputs.map(port),
    operators: plainRecord(operators, (count) => count),
    nodes,
  }
}
