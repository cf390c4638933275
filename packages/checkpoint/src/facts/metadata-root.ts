import type { ModelFile, Value } from '../model-file.ts'
import { dict, type Entry } from '../pickle/value.ts'
import { jsonValue } from './json-value.ts'

/**
 * What stands for the pickled object in formats that have none: their metadata, so that an exported checkpoint has the facts it had before. Texts
 * that are numbers or JSON count as what they say. Of GGUF all is configuration, but for the tokenizer.
 */
export function metadataRoot({ format, metadata }: ModelFile): Value {
  const entries = [...metadata].map(([key, value]): Entry => [key, typeof value === 'string' ? fromText(value) : value])
  if (format !== 'gguf') return dict(entries)
  return dict([['config', dict(entries.filter(([key]) => !String(key).startsWith('tokenizer.')))]])
}

const WORDS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['true', true],
  ['false', false],
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
])

function fromText(text: string): Value {
  if (/^-?(?:0|[1-9]\d{0,15})(?:\.\d{1,30})?(?:e[-+]?\d{1,3})?$/i.test(text)) return Number(text)
  if (/^[[{]/.test(text)) return jsonValue(text) ?? text
  return WORDS.get(text) ?? text
}
