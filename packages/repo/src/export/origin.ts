import { present } from '@art/checkpoint/present.ts'
import type { YamlMap, YamlValue } from '@art/core/yaml/plain.ts'

/** Where a file that `art export` has made comes from: the map `origin` of its pointer. See docs/formats.md. */
export interface Origin {
  /** Path of the model that was exported, relative to the root; as it was named where it has none. */
  source: string
  /** The release or revision, where one was named. */
  release?: string
  /** `sha256:` and the sha256 of the model file, or of the directory's tree. */
  oid?: string
  /** `sha256:` and the weights digest. */
  weights: string
  format: string
  /** `package.module:attribute` that made the model, and what it was given, both as they were typed. */
  model: string
  kwargs?: string
  input: string
  torch: string
  opset?: number
  exporter?: string
  /** What ran the export to compare it; absent where nothing did. */
  comparedWith?: string
  /** The largest difference between outputs. */
  maxAbsDiff?: number
}

/** In the order in which a pointer has them. */
const KEYS = {
  source: 'source',
  release: 'release',
  oid: 'oid',
  weights: 'weights',
  format: 'format',
  model: 'model',
  kwargs: 'kwargs',
  input: 'input',
  torch: 'torch',
  opset: 'opset',
  exporter: 'exporter',
  comparedWith: 'compared_with',
  maxAbsDiff: 'max_abs_diff',
} as const satisfies Record<keyof Origin, string>

/** A text in a pointer; longer ones are nobody's. */
const TEXT_MAX = 4096

export function originMap(origin: Origin): YamlMap {
  const map: YamlMap = new Map()
  for (const [key, name] of Object.entries(KEYS)) {
    const value = origin[key as keyof Origin]
    if (value !== undefined) map.set(name, value)
  }
  return map
}

/** What a pointer says of where its content comes from. Undefined where it says nothing, or not what art writes: people may edit pointers. */
export function originOf({ origin }: { origin?: YamlMap }): Origin | undefined {
  if (origin === undefined) return undefined
  const text = (key: keyof Origin): string | undefined => ifText(origin.get(KEYS[key]))
  const [source, weights, format, model, input, torch] = [
    text('source'),
    ifDigest(origin.get('weights')),
    text('format'),
    text('model'),
    text('input'),
    text('torch'),
  ]
  if (!source || !weights || !format || !model || !input || !torch) return undefined
  return present<Origin>({
    source,
    release: text('release'),
    oid: ifDigest(origin.get('oid')),
    weights,
    format,
    model,
    kwargs: text('kwargs'),
    input,
    torch,
    opset: ifNumber(origin.get('opset')),
    exporter: text('exporter'),
    comparedWith: text('comparedWith'),
    maxAbsDiff: ifNumber(origin.get('max_abs_diff')),
  })
}

function ifText(value: YamlValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= TEXT_MAX ? value : undefined
}

function ifNumber(value: YamlValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

function ifDigest(value: YamlValue | undefined): string | undefined {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value) ? value : undefined
}
