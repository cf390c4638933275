import { createHash } from 'node:crypto'
import { payloadBytes } from '../dtype.ts'
import { ArtError } from '@art/core'
import type { Facts } from '../facts/facts.ts'
import type { Graph } from '../model-file.ts'
import { relieve } from '@art/core/relieve.ts'
import type { Statistics } from '../statistics/moments.ts'
import type { TableTensor, TensorTable } from './table.ts'

export const TABLE_HEADING = 'art-tensors 1'

/** A model of `TENSORS_MAX` tensors takes less. */
export const TABLE_BYTES_MAX = 64 << 20

/** The bytes of a table, the same for the same table. docs/formats.md, "Tensor table". Fails with `UNSUPPORTED` beyond 64 MiB. */
export function encodeTable(table: TensorTable): Buffer {
  return Buffer.concat(encodeParts(table))
}

/** The same bytes in parts, for whoever can do with them: a large table takes half of the memory then. */
export function encodeParts(table: TensorTable): Buffer[] {
  relieve(table.tensors.length)
  const hash = createHash('sha256')
  const parts: Buffer[] = []
  let size = 0
  for (const part of partsOf(table)) {
    size += part.length
    if (size > TABLE_BYTES_MAX) {
      throw new ArtError(
        'UNSUPPORTED',
        `a table of ${table.tensors.length} tensors takes more than ${TABLE_BYTES_MAX} bytes`,
      )
    }
    hash.update(part)
    parts.push(part)
  }
  parts.push(Buffer.from(`end ${hash.digest('hex')}\n`))
  return parts
}

/** Lines that are in memory as text at a time. */
const PART_LINES = 1000

function* partsOf(table: TensorTable): Generator<Buffer> {
  let lines: string[] = []
  for (const line of linesOf(table)) {
    if (lines.push(line) < PART_LINES) continue
    yield Buffer.from(`${lines.join('\n')}\n`)
    lines = []
  }
  if (lines.length > 0) yield Buffer.from(`${lines.join('\n')}\n`)
}

function* linesOf(table: TensorTable): Generator<string> {
  yield TABLE_HEADING
  yield JSON.stringify(headOf(table))
  for (const storage of table.storages) yield JSON.stringify(storage)
  for (const tensor of table.tensors) yield JSON.stringify(rowOf(tensor, table.enclosing))
}

function headOf(table: TensorTable) {
  const { format, producer, enclosing, others, aliases, facts, metadata, imports, scan, graph, warnings } = table
  return {
    format,
    producer: producer && { name: producer.name, version: producer.version },
    enclosing,
    others,
    storages: table.storages.length,
    tensors: table.tensors.length,
    aliases: [...aliases],
    copies: [...table.copies],
    facts: factsHead(facts),
    metadata: [...metadata].map(([key, fact]) => [key, spellFact(fact)]),
    imports,
    scan: scan && { verdict: scan.verdict, unsafe: scan.unsafe },
    graph: graph && graphHead(graph),
    warnings,
  }
}

function factsHead(facts: Facts) {
  const { parameters, weights, epoch, step, resumeEpoch, torch, metrics, config, optimizers, leftOut } = facts
  return {
    parameters,
    weights,
    epoch,
    step,
    resumeEpoch,
    torch,
    metrics: [...metrics].map(([key, value]) => [key, spell(value)]),
    config: [...config].map(([key, fact]) => [key, spellFact(fact)]),
    optimizers: optimizers.map((one) => ({
      path: one.path,
      kind: one.kind,
      groups: one.groups,
      lr: one.lr.map(spell),
      settings: [...one.settings].map(([key, fact]) => [key, spellFact(fact)]),
      steps: one.steps === undefined ? undefined : spell(one.steps),
      tensors: one.tensors,
      bytes: one.bytes,
    })),
    leftOut: leftOut.map(({ name, why }) => [name, why]),
  }
}

function graphHead({ inputs, outputs, operators, nodes }: Graph) {
  const ports = (list: Graph['inputs']) => list.map(({ name, dtype, shape }) => ({ name, dtype, shape }))
  return { inputs: ports(inputs), outputs: ports(outputs), operators: [...operators], nodes }
}

function rowOf(tensor: TableTensor, enclosing: string) {
  const { name, dtype, shape, elements, bytes, weight, statistics, offset, quantization } = tensor
  const isUsual = bytes === payloadBytes(dtype, elements)
  return {
    name,
    dtype,
    shape,
    bytes: isUsual ? undefined : bytes,
    storage: tensor.storage,
    offset: offset === 0 ? undefined : offset,
    strides: tensor.strides,
    conjugated: tensor.conjugated,
    negated: tensor.negated,
    requiresGrad: tensor.requiresGrad,
    parameter: tensor.parameter,
    layout: tensor.layout,
    quantization: quantization && { ...quantization },
    weight: weight === undefined ? undefined : weight === nameWithin(name, enclosing) ? 1 : weight,
    sha256: tensor.sha256,
    statistics: statistics && statisticsRow(statistics),
  }
}

/** A tensor's name without the enclosing key, which most weights are called. */
export function nameWithin(name: string, enclosing: string): string {
  return enclosing !== '' && name.startsWith(`${enclosing}.`) ? name.slice(enclosing.length + 1) : name
}

function statisticsRow({ mean, std, min, max, nan, infinite }: Statistics): unknown[] {
  return [...[mean, std, min, max].map((value) => (value === undefined ? null : spell(value))), nan, infinite]
}

/** JSON has no infinity and no NaN. */
function spell(value: number): number | string {
  if (Number.isFinite(value)) return value
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
}

/** A text of a configuration may look like those. */
function spellFact(fact: unknown): unknown {
  if (Array.isArray(fact)) return fact.map(spellFact)
  return typeof fact === 'number' && !Number.isFinite(fact) ? { number: spell(fact) } : fact
}
