import type { Fact } from './fact.ts'
import type { Facts, LeftOut } from './facts.ts'

/** Bounds of the `checkpoint:` block of a pointer: it is a few figures for people and for `compare`, and no second home of a configuration. */
export const BLOCK_KEYS = 64
export const BLOCK_BYTES = 4096

/** What a pointer says of a checkpoint, in the order in which it is written: facts, and below `config` a map of them. */
export interface Block {
  readonly entries: ReadonlyMap<string, Fact | ReadonlyMap<string, Fact>>
  readonly leftOut: readonly LeftOut[]
}

/** Whatever does not fit is left out and named, the figures first and of `config` the last keys. */
export function pointerBlock(facts: Facts): Block {
  const entries = new Map<string, Fact | ReadonlyMap<string, Fact>>()
  const leftOut = [...facts.leftOut]
  let keys = BLOCK_KEYS
  let bytes = BLOCK_BYTES - 'checkpoint:\n'.length
  const put = (target: Map<string, unknown>, key: string, fact: Fact, indent: number): void => {
    const cost = indent + lineBytes(key, fact)
    if (keys < 1 || cost > bytes) {
      leftOut.push({ name: indent > 2 ? `config.${key}` : key, why: 'limit' })
      return
    }
    target.set(key, fact)
    keys--
    bytes -= cost
  }
  for (const [key, fact] of figuresOf(facts)) put(entries, key, fact, 2)
  const config = new Map<string, Fact>()
  const before = { keys, bytes }
  keys--
  bytes -= '  config:\n'.length
  for (const [key, fact] of facts.config) put(config, key, fact, 4)
  if (config.size > 0) entries.set('config', config)
  else ({ keys, bytes } = before)
  return { entries, leftOut }
}

function* figuresOf(facts: Facts): Generator<[string, Fact]> {
  const { format, parameters, weights, epoch, step, torch, metrics } = facts
  const own: [string, Fact | undefined][] = [
    ['format', format],
    ['parameters', parameters],
    ['weights', weights === undefined ? undefined : `sha256:${weights}`],
    ['epoch', epoch],
    ['step', step],
    ['torch', torch],
  ]
  for (const [key, fact] of own) if (fact !== undefined) yield [key, fact]
  const taken = new Set([...own.map(([key]) => key), 'config'])
  for (const [name, value] of metrics) if (!taken.has(name)) yield [name, spelled(value)]
}

/** YAML's own spellings of these are read by few; a text is, by all. */
function spelled(value: number): Fact {
  if (Number.isFinite(value)) return value
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
}

/** At most what a line takes, whatever is escaped in it. */
function lineBytes(key: string, fact: Fact): number {
  return Buffer.byteLength(JSON.stringify(key)) + Buffer.byteLength(JSON.stringify(fact)) + ': \n'.length
}
