import { createHash } from 'node:crypto'
import { compareUtf8 } from '../compare-utf8.ts'
import type { Quantization } from '../model-file.ts'

/** What the digest takes of a tensor. */
export interface DigestEntry {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  /** 64 hex digits, of the contiguous payload; undefined for a tensor without data. */
  readonly sha256: string | undefined
  readonly quantization?: Quantization | undefined
}

/** 64 hex digits: the identity of a model's weights, whatever file they are in. docs/formats.md, "Weights digest". */
export function weightsDigest(entries: readonly DigestEntry[]): string {
  const lines = entries.map((entry) => ({ name: escapeName(entry.name), entry }))
  lines.sort((a, b) => compareUtf8(a.name, b.name) || compareUtf8(restOf(a.entry), restOf(b.entry)))
  const hash = createHash('sha256')
  for (const { name, entry } of lines) hash.update(`${name} ${restOf(entry)}\n`)
  return hash.digest('hex')
}

function restOf({ dtype, shape, sha256, quantization }: DigestEntry): string {
  return `${dtype}${quantizedBy(quantization)} [${shape.join(',')}] ${sha256 ?? '-'}`
}

/** One scale for the whole tensor is no tensor: without it here, a bit of it could change unseen. */
function quantizedBy(quantization: Quantization | undefined): string {
  if (quantization === undefined) return ''
  const { scheme, scale, zeroPoint, axis } = quantization
  return [scheme, scale, zeroPoint, axis].map((part) => (part === undefined ? '' : `:${part}`)).join('')
}

/** So that no name can look like more than one line, and names that are no Unicode text stay different. */
function escapeName(name: string): string {
  return name.replace(
    /[\\\u0000-\u001f\u007f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    (unit) => (unit === '\\' ? '\\\\' : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  )
}
