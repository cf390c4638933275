import { resolve } from 'node:path'
import { ArtError, fromSystemError } from '@art/core'
import { readPlainFile } from '@art/core/fs/plain-file.ts'
import { TEXT_MAX } from '@art/checkpoint/facts/fact.ts'
import { isSecret, nameToTell } from '@art/checkpoint/facts/secret.ts'
import { metricsIn } from '@art/registry/files/metrics-file.ts'
import type { ConfigScalar, FactsToGive } from '../api.ts'
import { assertFits, giveFacts } from './give-facts.ts'

/** Facts as they are typed. */
export interface FactWords {
  /** `key=number`; without a number the metric is taken away. */
  metric?: readonly string[]
  /** JSON files with metrics, from `cwd`. */
  metrics?: readonly string[]
  /** `key=value`; without a value the key is taken away. */
  meta?: readonly string[]
  /** Empty: none. */
  desc?: string
  /** `-name` takes one away. */
  label?: readonly string[]
}

export interface FactsRead {
  facts: FactsToGive
  /** What of the metrics files is no number. */
  passedOver: string[]
}

const NAME_MAX = 100
const DESC_MAX = 2000
const FILE_MAX = 4 << 20

/** Fails with `USAGE` for what no pointer takes, secrets among it; as reading the files does, and with `CORRUPT` for no JSON. */
export function factsFromWords(words: FactWords, cwd: string): FactsRead {
  const { metric = [], metrics = [], meta = [], desc, label = [] } = words
  const read: FactsRead = { facts: {}, passedOver: [] }
  const numbers = new Map<string, number | string | null>()
  for (const file of metrics) {
    const { found, passedOver } = metricsIn(readText(resolve(cwd, file), file)) ?? refuseFile(file)
    for (const [name, value] of found) numbers.set(nameOf(name), value)
    read.passedOver.push(...passedOver)
  }
  for (const word of metric) {
    const [name, text] = pairOf(word, '--metric')
    numbers.set(name, text === '' ? null : numberOf(name, text))
  }
  for (const name of numbers.keys()) refuseSecret(name, 0)
  const others = new Map<string, ConfigScalar | null>()
  for (const word of meta) {
    const [name, text] = pairOf(word, '--meta')
    const value = scalarOf(text)
    refuseSecret(name, value)
    others.set(name, text === '' ? null : textOf(value, name, TEXT_MAX))
  }
  if (metric.length + metrics.length > 0) read.facts.metrics = Object.fromEntries(numbers)
  if (meta.length > 0) read.facts.meta = Object.fromEntries(others)
  if (desc !== undefined) read.facts.desc = textOf(desc, 'desc', DESC_MAX)
  if (label.length > 0) read.facts.labels = label.map(labelOf)
  for (const text of [read.facts.desc, ...label]) if (text !== undefined) refuseSecret('text', text)
  const alone = { path: '', oid: '', kind: 'f' as const, size: 0 }
  giveFacts(alone, undefined, read.facts)
  assertFits(alone)
  return read
}

function refuseFile(path: string): never {
  throw new ArtError('CORRUPT', 'this is no JSON object', { path, hint: 'Write the metrics as {"name": number}.' })
}

function readText(absolute: string, path: string): string {
  try {
    return readPlainFile(absolute, { max: FILE_MAX, what: 'the metrics file', path, follow: true }).toString('utf8')
  } catch (error) {
    throw fromSystemError(error, path)
  }
}

function pairOf(word: string, flag: string): [name: string, text: string] {
  const at = word.indexOf('=')
  if (at > 0) return [nameOf(word.slice(0, at)), word.slice(at + 1)]
  throw refused(`${flag} takes a name and a value, not ${JSON.stringify(word)}`, `Write it as \`${flag} name=value\`.`)
}

function nameOf(name: string): string {
  const isWritable = name.trim() === name && name !== '' && name !== '<<' && name !== '__proto__'
  if (isWritable && name.length <= NAME_MAX && !/[\p{Cc}\p{Cs}]/u.test(name)) return name
  throw refused(
    `${JSON.stringify(name.slice(0, NAME_MAX))} is no name of a fact`,
    'Use at most 100 visible characters.',
  )
}

function numberOf(name: string, text: string): number | string {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) {
    const number = Number(text)
    if (Number.isFinite(number)) return number
  }
  const other = /^([+-]?)(nan|inf(?:inity)?)$/i.exec(text)
  if (other !== null) return other[2]!.toLowerCase() === 'nan' ? 'nan' : `${other[1] === '-' ? '-' : ''}inf`
  throw refused(
    `${JSON.stringify(text.slice(0, NAME_MAX))} of ${name} is no number`,
    'Texts go with `--meta name=value`.',
  )
}

/** A number or a truth value where that is what would be read back: `1.10` is a text. */
function scalarOf(text: string): ConfigScalar {
  if (text === 'true' || text === 'false') return text === 'true'
  const number = Number(text)
  return text !== '' && String(number) === text && Number.isFinite(number) ? number : text
}

function textOf<T extends ConfigScalar>(value: T, name: string, most: number): T {
  if (typeof value !== 'string') return value
  if (value.length <= most && !/[\p{Cs}\0]/u.test(value)) return value
  throw refused(`${name} is longer than ${most} characters, or no text`, 'Shorten it.')
}

function labelOf(word: string): string {
  const name = word.replace(/^-/, '')
  if (/^[^\p{Cc}\p{Cs}\s,-][^\p{Cc}\p{Cs}\n,]*$/u.test(name) && name.length <= NAME_MAX) return word
  throw refused(
    `${JSON.stringify(word.slice(0, NAME_MAX))} is no label`,
    'Use one word; `--label=-name` takes one away.',
  )
}

function refuseSecret(name: string, value: ConfigScalar): void {
  if (!isSecret(name, value)) return
  const what = name === 'text' ? 'this' : nameToTell(name)
  throw refused(`${what} looks like a secret, and git would keep it`, 'Leave it out.')
}

function refused(message: string, hint: string): ArtError {
  return new ArtError('USAGE', message, { hint })
}
