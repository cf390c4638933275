import { isArtError } from '@art/core'
import { OPCODE_FORMS } from '../pickle/opcode-table.ts'
import { isZipStart, readZip } from '../zip/zip.ts'
import { isCompressed, scanCompressed } from './compressed.ts'
import type { Findings } from './findings.ts'
import { isLimit, SCAN_LIMITS } from './limits.ts'
import { isNumpyStart, scanNumpy } from './numpy.ts'
import { scanPickles } from './pickles.ts'
import { readPlain } from './plain.ts'
import { type Blob, isProblem, named } from './place.ts'
import type { ScanFormat } from './report.ts'
import { isTarStart, scanTar } from './tar.ts'
import { scanZip } from './zip.ts'

const HEAD = 512
const HEAD_OF_DATA = 64

/**
 * Scans whatever it is, by its first bytes. What fails is a problem of the file and no error, except where the medium fails, the user
 * interrupts, or a limit is reached.
 */
export async function scanBlob(findings: Findings, blob: Blob): Promise<ScanFormat | undefined> {
  if (blob.depth > SCAN_LIMITS.depth) {
    findings.incomplete(`${blob.where}: archives and pickles lie too deep in one another`)
    return undefined
  }
  try {
    return await scanByStart(findings, blob)
  } catch (error) {
    if (isLimit(error) || !isProblem(error)) throw error
    findings.incomplete(named(blob, error.message))
    return undefined
  }
}

async function scanByStart(findings: Findings, blob: Blob): Promise<ScanFormat | undefined> {
  const { source } = blob
  const isData = !blob.whole && !blob.expected
  const head = Buffer.from(await source.read(0, Math.min(source.size, isData ? HEAD_OF_DATA : HEAD), findings.options))
  if (isZipStart(head)) return scanZip(findings, blob)
  if (isNumpyStart(head)) return scanNumpy(findings, blob)
  if (isData) return (OPCODE_FORMS[head[0] ?? 0] ?? 0) === 0 ? undefined : (await scanPickles(findings, blob))?.format
  if (isCompressed(head)) return scanCompressed(findings, blob)
  if (isTarStart(head)) return scanTar(findings, blob)
  const isPickle = blob.expected || isPickleStart(head)
  const parsed = isPickle ? undefined : await parse(findings, blob)
  const pickled = await scanPickles(findings, { ...blob, expected: isPickle })
  const isRead = pickled?.end === source.size
  const appended = blob.whole ? await scanAppended(findings, blob, isRead) : undefined
  return parsed ?? (isPickle ? pickled?.format : undefined) ?? appended ?? pickled?.format
}

/**
 * An archive behind other bytes: `torch.jit.load` and Python's zipfile look for it from the end. Where those bytes were all read as pickles
 * it is one of their constants, and no trick.
 */
async function scanAppended(findings: Findings, blob: Blob, isRead: boolean): Promise<ScanFormat | undefined> {
  const zip = await readZip(blob.source, findings.options).catch((error: unknown) => {
    if (isArtError(error, 'CORRUPT')) return undefined
    throw error
  })
  return zip === undefined ? undefined : scanZip(findings, blob, { zip, isRead })
}

async function parse(findings: Findings, blob: Blob): Promise<ScanFormat | undefined> {
  if (!blob.whole) return undefined
  try {
    return await readPlain(blob.source, findings.options)
  } catch (error) {
    if (!isProblem(error)) throw error
    findings.incomplete(error.message)
    return undefined
  }
}

/** A pickle of protocol 2 or later, also of one that there may be some day. */
function isPickleStart(head: Uint8Array): boolean {
  return head[0] === 0x80 && (head[1] ?? 255) < 16
}
