import { formatPlainYaml, type YamlMap, type YamlValue } from '@art/core/yaml/plain.ts'
import { BLOCK_BYTES, BLOCK_KEYS } from './bounds.ts'
import type { Fact, Scalar } from './fact.ts'
import { spelled } from './figure.ts'
import type { Facts, LeftOut } from './facts.ts'

/** Of what keeps lists of names short: those of dangerous imports, and of keys that were left out. */
const LIST_BYTES = 512
const LIST_NAMES = 16

/** Keys that are the block's own: a metric of the same name gives way. */
const OWN_KEYS: ReadonlySet<string> = new Set(
  'format scan unsafe_imports parameters weights epoch step torch torch_installed config left_out reader'.split(' '),
)

/** What is no fact of the file itself. */
export interface BlockExtras {
  /** Names that its pickles import and that are known to be dangerous, `module.name`; makes `scan: unsafe`. */
  readonly unsafeImports?: readonly string[] | undefined
  /** Version of torch where it was added, for a file that does not say which one wrote it. */
  readonly torchInstalled?: string | undefined
}

/** What a pointer says of a checkpoint, in the order in which it is written: docs/formats.md, "Checkpoint block". */
export interface Block {
  readonly entries: YamlMap
  /** What did not fit too. */
  readonly leftOut: readonly LeftOut[]
}

/** Figures come before the configuration, whose last keys are left out first where not all fits. */
export function pointerBlock(facts: Facts, extras: BlockExtras = {}): Block {
  const whole = fill(facts, extras, BLOCK_KEYS, BLOCK_BYTES)
  if (whole.leftOut.length === 0) return whole
  const block = fill(facts, extras, BLOCK_KEYS - 1, BLOCK_BYTES - LIST_BYTES)
  block.entries.set(
    'left_out',
    shortList(
      'left_out',
      block.leftOut.map(({ name }) => name),
    ),
  )
  return block
}

/** Of a file that cannot be read as a model, and is dangerous to whoever loads it all the same. */
export function unsafeBlock(format: string | undefined, unsafeImports: readonly string[]): YamlMap {
  return new Map([...(format === undefined ? [] : [['format', format] as const]), ...warningOf(unsafeImports)])
}

function fill(facts: Facts, extras: BlockExtras, keysMost: number, bytesMost: number): Block {
  const entries: YamlMap = new Map()
  const leftOut = [...facts.leftOut]
  let keys = keysMost
  let bytes = bytesMost - 'checkpoint:\n'.length
  const put = (target: YamlMap, key: string, fact: Fact, indent: string): void => {
    const value = wellFormed(fact)
    const cost = isWritable(key) ? lineBytes(indent, key, value) : Number.POSITIVE_INFINITY
    if (keys < 1 || cost > bytes) {
      leftOut.push({ name: target === entries ? key : `config.${key}`, why: 'limit' })
      return
    }
    target.set(key, value)
    keys--
    bytes -= cost
  }
  for (const [key, fact] of figuresOf(facts, extras)) put(entries, key, fact, '  ')
  const config: YamlMap = new Map()
  const before = { keys, bytes }
  keys--
  bytes -= '  config:\n'.length
  for (const [key, fact] of facts.config) put(config, key, fact, '    ')
  if (config.size > 0) entries.set('config', config)
  else ({ keys, bytes } = before)
  return { entries, leftOut }
}

function* figuresOf(facts: Facts, { unsafeImports = [], torchInstalled }: BlockExtras): Generator<[string, Fact]> {
  const { format, parameters, weights, epoch, step, torch, metrics } = facts
  yield ['format', format]
  if (unsafeImports.length > 0) yield* warningOf(unsafeImports)
  const own: [string, Fact | undefined][] = [
    ['parameters', parameters],
    ['weights', weights === undefined ? undefined : `sha256:${weights}`],
    ['epoch', epoch],
    ['step', step],
    ['torch', torch],
    ['torch_installed', torch === undefined ? torchInstalled : undefined],
  ]
  for (const [key, fact] of own) if (fact !== undefined) yield [key, fact]
  for (const [name, value] of metrics) if (!OWN_KEYS.has(name)) yield [name, spelled(value)]
}

function warningOf(unsafeImports: readonly string[]): [string, string | string[]][] {
  return [
    ['scan', 'unsafe'],
    ['unsafe_imports', shortList('unsafe_imports', unsafeImports)],
  ]
}

/** As many names as there is room for, and last how many more there are. */
function shortList(key: string, names: readonly string[]): string[] {
  const all = names.map((name) => wellFormed(name) as string)
  for (let kept = Math.min(all.length, LIST_NAMES); ; kept--) {
    const list = kept === all.length ? all : [...all.slice(0, kept), `${all.length - kept} more`]
    if (kept === 0 || lineBytes('  ', key, list) <= LIST_BYTES) return list
  }
}

/** What no pointer may have as a key, and what is no text. */
function isWritable(key: string): boolean {
  return key !== '<<' && key !== '__proto__' && wellFormed(key) === key
}

function wellFormed(fact: Fact): YamlValue {
  if (Array.isArray(fact)) return (fact as readonly Scalar[]).map((scalar) => wellFormed(scalar))
  if (typeof fact !== 'string') return fact as Scalar
  return fact.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
}

function lineBytes(indent: string, key: string, value: YamlValue): number {
  return Buffer.byteLength(formatPlainYaml(new Map([[key, value]]), indent))
}
