import { payloadBytes } from '../dtype.ts'
import { DIMENSIONS_MAX } from '../format/bounds.ts'
import type { Format, Graph, Port } from '../model-file.ts'
import { present } from '../present.ts'
import type { Verdict } from '../scan/report.ts'
import type { Statistics } from '../statistics/moments.ts'
import { numberFrom } from './decode-facts.ts'
import { nameWithin } from './encode.ts'
import { as, damaged, Fields, isHash, isNatural, isNumber, isText, isTrue } from './fields.ts'
import type { TableScan, TableStorage, TableTensor } from './table.ts'

const FORMATS: Record<Format, true> = {
  pytorch: true,
  'pytorch-legacy': true,
  torchscript: true,
  'torch-export': true,
  safetensors: true,
  onnx: true,
  gguf: true,
  npy: true,
  npz: true,
}

const VERDICTS: Record<Verdict, true> = { safe: true, unknown: true, unsafe: true }

export function formatFrom(value: unknown): Format {
  if (isText(value) && Object.hasOwn(FORMATS, value)) return value as Format
  throw damaged('its format is unknown')
}

export function storageFrom(fields: Fields): TableStorage {
  return present<TableStorage>({
    bytes: fields.natural('bytes'),
    at: fields.optional('at', isNatural),
    file: fields.optional('file', isText),
    bigEndian: fields.optional('bigEndian', isTrue),
    device: fields.optional('device', isText),
  })
}

export function tensorFrom(fields: Fields, enclosing: string, storages: number): TableTensor {
  const name = fields.text('name')
  const dtype = fields.text('dtype')
  const shape = fields.list('shape', as(isNatural))
  const strides = fields.optionalList('strides', as(isNatural))
  const elements = shape.reduce((product, size) => product * size, 1)
  const bytes = fields.optional('bytes', isNatural) ?? payloadBytes(dtype, elements)
  const storage = fields.optional('storage', isNatural)
  if (shape.length > DIMENSIONS_MAX || (strides !== undefined && strides.length !== shape.length)) {
    throw damaged('a tensor has an impossible shape')
  }
  if (!isNatural(elements) || !isNatural(bytes)) throw damaged('a tensor has an impossible size')
  if (storage !== undefined && storage >= storages) throw damaged('a tensor has no storage')
  return present<TableTensor>({
    storage,
    name,
    dtype,
    shape,
    elements,
    bytes,
    offset: fields.optional('offset', isNatural) ?? 0,
    strides,
    conjugated: fields.optional('conjugated', isTrue),
    negated: fields.optional('negated', isTrue),
    requiresGrad: fields.optional('requiresGrad', isTrue),
    parameter: fields.optional('parameter', isTrue),
    layout: fields.optional('layout', isText),
    quantization: fields.optionalItem('quantization', quantizationFrom),
    weight: fields.optionalItem('weight', (value) => (value === 1 ? nameWithin(name, enclosing) : as(isText)(value))),
    sha256: fields.optional('sha256', isHash),
    statistics: fields.optionalItem('statistics', statisticsFrom),
  })
}

function quantizationFrom(value: unknown): NonNullable<TableTensor['quantization']> {
  const fields = new Fields(value)
  return present<NonNullable<TableTensor['quantization']>>({
    scheme: fields.text('scheme'),
    scale: fields.optional('scale', isNumber),
    zeroPoint: fields.optional('zeroPoint', isNumber),
    axis: fields.optional('axis', isNatural),
  })
}

function statisticsFrom(value: unknown): Statistics {
  if (!Array.isArray(value) || value.length !== 6) throw damaged('statistics are six numbers')
  const [mean, std, min, max] = (value.slice(0, 4) as unknown[]).map((one) =>
    one === null ? undefined : numberFrom(one),
  )
  const [nan, infinite] = (value.slice(4) as unknown[]).map(as(isNatural))
  return present<Statistics>({ mean, std, min, max, nan, infinite })
}

export function scanFrom(fields: Fields): TableScan {
  const verdict = fields.text('verdict')
  if (!Object.hasOwn(VERDICTS, verdict)) throw damaged('its verdict is unknown')
  return { verdict: verdict as Verdict, unsafe: fields.list('unsafe', as(isText)) }
}

export function graphFrom(fields: Fields): Graph {
  return {
    inputs: fields.list('inputs', portFrom),
    outputs: fields.list('outputs', portFrom),
    operators: fields.pairs('operators', as(isNatural)),
    nodes: fields.natural('nodes'),
  }
}

function portFrom(value: unknown): Port {
  const fields = new Fields(value)
  const isSize = (size: unknown): size is number | string => isText(size) || isNumber(size)
  return {
    name: fields.text('name'),
    dtype: fields.optional('dtype', isText),
    shape: fields.optionalList('shape', as(isSize)),
  }
}
