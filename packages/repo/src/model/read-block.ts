import type { YamlMap, YamlValue } from '@art/core/yaml/plain.ts'
import { BLOCK_BYTES, BLOCK_KEYS } from '@art/checkpoint/facts/bounds.ts'
import { figureOf, spelled } from '@art/checkpoint/facts/figure.ts'
import { present } from '@art/checkpoint/present.ts'
import type { CheckpointFacts, ConfigScalar } from '../api.ts'

/** The reader of model files whose blocks are written. Older ones lack what `add --refresh` fills in. */
export const READER = 1

/** Was the block written by this art or a later one? Its first reader left no number. */
export function isCurrent(block: YamlMap | undefined): boolean {
  if (block === undefined) return false
  const reader = block.get('reader') ?? 1
  return typeof reader === 'number' && reader >= READER
}

const OWN = new Set(
  'reader format scan unsafe_imports parameters weights epoch step torch torch_installed config left_out'.split(' '),
)

/**
 * What the `checkpoint` block of a pointer says. Whatever is not as art writes it is passed over: people may edit pointers. Of metrics and
 * configuration no more is taken than art writes; the last of `leftOut` counts the rest.
 */
export function checkpointOf(block: YamlMap): CheckpointFacts {
  return readBlock(block).facts
}

/** With how many metrics and keys of the configuration were too many. */
export function readBlock(block: YamlMap): { facts: CheckpointFacts; untold: number } {
  const config = block.get('config')
  const take = withinBounds()
  const metrics = figures([...block].filter(([key]) => !OWN.has(key))).filter(take.fits)
  const configs = config instanceof Map ? [...config].flatMap(([key, one]) => configEntries(key, one)) : []
  const kept = configs.filter(take.fits)
  const untold = take.untold()
  const leftOut = texts(block.get('left_out'))
  const facts = present<CheckpointFacts>({
    format: ifText(block.get('format')),
    scan: block.get('scan') === 'unsafe' ? 'unsafe' : undefined,
    unsafeImports: texts(block.get('unsafe_imports')),
    parameters: ifCount(block.get('parameters')),
    weights: ifDigest(block.get('weights')),
    epoch: ifNumber(block.get('epoch')),
    step: ifNumber(block.get('step')),
    torch: ifText(block.get('torch')),
    torchInstalled: ifText(block.get('torch_installed')),
    metrics: Object.fromEntries(metrics),
    config: Object.fromEntries(kept),
    leftOut: untold === 0 ? leftOut : [...(leftOut ?? []), `${untold} more`],
  })
  return { facts, untold }
}

/** Counts names and values alone: whatever art writes is within, since its lines have more than these. */
export function withinBounds(): { fits(entry: [string, ConfigScalar | ConfigScalar[]]): boolean; untold(): number } {
  let [keys, bytes, untold] = [BLOCK_KEYS, BLOCK_BYTES, 0]
  return {
    fits([key, value]) {
      const values = Array.isArray(value) ? value : [value]
      const cost = values.reduce((sum: number, one) => sum + Buffer.byteLength(String(one)), Buffer.byteLength(key))
      if (keys < 1 || cost > bytes) {
        untold++
        return false
      }
      keys--
      bytes -= cost
      return true
    },
    untold: () => untold,
  }
}

/** Those that are metrics, each as JSON can have it. */
export function figures(entries: Iterable<readonly [string, YamlValue]>): [string, number | string][] {
  return [...entries].flatMap(([key, value]): [string, number | string][] => {
    const figure = figureOf(value)
    return figure === undefined ? [] : [[key, figure]]
  })
}

export function configEntries(key: string, value: YamlValue): [string, ConfigScalar | ConfigScalar[]][] {
  if (!Array.isArray(value)) return isScalar(value) ? [[key, scalarOf(value)]] : []
  return value.every(isScalar) ? [[key, value.map(scalarOf)]] : []
}

function isScalar(value: YamlValue): value is ConfigScalar {
  return value !== null && typeof value !== 'object'
}

function scalarOf(value: ConfigScalar): ConfigScalar {
  return typeof value === 'number' ? spelled(value) : value
}

function texts(value: YamlValue | undefined): string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined
}

function ifText(value: YamlValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function ifNumber(value: YamlValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function ifCount(value: YamlValue | undefined): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined
}

function ifDigest(value: YamlValue | undefined): string | undefined {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value) ? value : undefined
}
