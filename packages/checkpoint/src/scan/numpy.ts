import { ArtError } from '@art/core'
import type { Blob } from './place.ts'
import type { Findings } from './findings.ts'
import { scanPickles } from './pickles.ts'
import type { ScanFormat } from './report.ts'

const MAGIC = Buffer.from('\x93NUMPY', 'latin1')
/** NumPy itself refuses headers of more than 10,000 bytes unless it is told to unpickle. */
const HEADER_MAX = 1 << 20

export function isNumpyStart(head: Uint8Array): boolean {
  return head.length >= MAGIC.length && MAGIC.equals(head.subarray(0, MAGIC.length))
}

/**
 * An array of objects is a pickle behind the header; any other holds no code.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export async function scanNumpy(findings: Findings, blob: Blob): Promise<ScanFormat> {
  const { source } = blob
  const fixed = Buffer.from(await source.read(0, Math.min(12, source.size), findings.options))
  const isShort = fixed[6] === 1
  if (fixed.length < 12 || fixed[6] === 0 || fixed[6]! > 3) throw damaged('unknown version')
  const start = isShort ? 10 : 12
  const length = isShort ? fixed.readUInt16LE(8) : fixed.readUInt32LE(8)
  if (length > HEADER_MAX || start + length > source.size) throw damaged('its header is cut off')
  const header = Buffer.from(await source.read(start, length, findings.options)).toString('latin1')
  if (!header.includes("'descr'") && !header.includes('"descr"')) throw damaged('its header names no type')
  if (holdsObjects(header)) await scanPickles(findings, { ...blob, expected: true, loaded: false }, start + length)
  return 'npy'
}

/** A type code of objects, alone or as a field's: names of fields stand before a comma, codes behind one or behind `descr`. */
function holdsObjects(header: string): boolean {
  return /(?:['"]descr['"]\s*:|,)\s*['"][<>|=]?O\d*['"]/.test(header)
}

function damaged(what: string): ArtError {
  return new ArtError('CORRUPT', `damaged NumPy array: ${what}`, { hint: 'Fetch or save the file again.' })
}
