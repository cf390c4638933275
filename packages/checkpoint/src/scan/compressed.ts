import { promisify } from 'node:util'
import { gunzip, inflate } from 'node:zlib'
import { bytesSource } from '../source/bytes.ts'
import { type Blob, named } from './place.ts'
import type { Findings } from './findings.ts'
import { spend } from './limits.ts'
import type { ScanFormat } from './report.ts'

/** Both of the packed and of the unpacked bytes: they are in memory. */
const BYTES_MAX = 64 << 20

/** None of them begins a pickle that Python would follow. */
const KINDS: readonly [name: string, magic: RegExp][] = [
  ['gzip', /^\x1f\x8b\x08/],
  ['zlib', /^\x78[\x01\x5e\x9c\xda]/],
  ['xz', /^\xfd7zXZ\0/],
  ['lzma', /^\]\0\0/],
  ['bzip2', /^BZh[1-9]1AY/],
  ['zstd', /^\x28\xb5\x2f\xfd/],
  ['lz4', /^\x04\x22\x4d\x18/],
  ['7-zip', /^7z\xbc\xaf\x27\x1c/],
  ['rar', /^Rar!\x1a\x07/],
]

/** Joblib unpacks these by itself, by their first bytes; other programs by a file's name. */
export function isCompressed(head: Uint8Array): boolean {
  return kindOf(head) !== undefined
}

function kindOf(head: Uint8Array): string | undefined {
  const text = Buffer.from(head.subarray(0, 8)).toString('latin1')
  return KINDS.find(([, magic]) => magic.test(text))?.[0]
}

export async function scanCompressed(findings: Findings, blob: Blob): Promise<ScanFormat | undefined> {
  const { source, where } = blob
  const kind = kindOf(await source.read(0, Math.min(8, source.size), findings.options)) ?? ''
  const unpack = kind === 'gzip' ? promisify(gunzip) : kind === 'zlib' ? promisify(inflate) : undefined
  if (unpack === undefined || source.size > BYTES_MAX) {
    const why = unpack === undefined ? 'art cannot look into it' : 'it is too large to look into'
    findings.incomplete(named(blob, `compressed with ${kind}: ${why}`))
    return 'compressed'
  }
  const packed = await source.read(0, source.size, findings.options)
  const bytes = await unpack(packed, { maxOutputLength: BYTES_MAX }).catch(() => undefined)
  if (bytes === undefined) {
    findings.incomplete(named(blob, `compressed with ${kind}: damaged, or too large to look into`))
    return 'compressed'
  }
  spend(findings.budget, 'bytes', bytes.length)
  const inner = where === '' ? kind : `${where} > ${kind}`
  return blob.scan(findings, { ...blob, source: bytesSource(source.name, bytes), where: inner, depth: blob.depth + 1 })
}
