import type { Facts } from '../facts/facts.ts'
import type { Value } from '../model-file.ts'
import { type Block, pointerBlock } from '../facts/block.ts'
import type { Fact } from '../facts/fact.ts'

/**
 * What an export keeps beside the tensors, as safetensors keeps it: texts. Those of a safetensors file stay as they are; of other files the figures
 * of the pointer, with the configuration as JSON, so that the exported file has the same facts. `format: pt` is what readers expect.
 */
export function exportMetadata(facts: Facts, metadata: ReadonlyMap<string, Value>): Map<string, string> {
  const kept = new Map<string, string>([['format', 'pt']])
  if (facts.format === 'safetensors') {
    for (const [key, value] of metadata) if (typeof value === 'string') kept.set(key, value)
    return kept
  }
  for (const [key, fact] of pointerBlock(facts).entries) {
    if (key !== 'format' && key !== 'parameters' && key !== 'weights') kept.set(key, textOf(fact))
  }
  return kept
}

function textOf(fact: Block['entries'] extends ReadonlyMap<string, infer F> ? F : never): string {
  if (fact instanceof Map) return JSON.stringify(Object.fromEntries(fact as ReadonlyMap<string, Fact>))
  return typeof fact === 'string' ? fact : JSON.stringify(fact)
}
