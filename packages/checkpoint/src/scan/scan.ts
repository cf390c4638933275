import { isArtError } from '@art/core'
import type { Source } from '../source.ts'
import { scanBlob } from './blob.ts'
import { Findings } from './findings.ts'
import { isLimit } from './limits.ts'
import { meteredSource } from './metered.ts'
import type { ScanFormat, ScanOptions, ScanReport } from './report.ts'

export { weightsOnly, type WeightsOnly } from './loadable.ts'
export type { FoundImport, FoundPickle, ScanFormat, ScanOptions, ScanReport, Verdict } from './report.ts'

/**
 * What the pickles in a file import and call; nothing of it is run. All pickles: whichever of them a program may read, hidden ones too. A
 * damaged file, or one that costs too much, gives a report of what was seen until then. Fails only as reading the source fails, or with
 * what `signal` was aborted for.
 */
export async function scanFile(source: Source, options: ScanOptions = {}): Promise<ScanReport> {
  const findings = new Findings(options)
  const metered = meteredSource(source, findings.budget)
  let format: ScanFormat | undefined
  try {
    format = await scanBlob(findings, {
      source: metered,
      where: '',
      depth: 0,
      whole: true,
      expected: false,
      loaded: true,
      scan: scanBlob,
    })
  } catch (error) {
    if (!isArtError(error) || !isLimit(error)) throw error
    findings.incomplete(error.message)
  }
  return findings.report(format)
}
