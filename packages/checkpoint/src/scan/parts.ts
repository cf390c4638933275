import type { OpenBeside } from '../source.ts'
import { type ScanOptions, type ScanReport, worse } from './report.ts'
import { scanFile } from './scan.ts'

/**
 * Scans the files of a model that is spread over several. Places are within `FILE > …`. One that is not there leaves the report incomplete.
 * Fails as `scanFile`.
 */
export async function scanParts(
  names: readonly string[],
  openBeside: OpenBeside | undefined,
  options: ScanOptions = {},
): Promise<ScanReport> {
  const all = { imports: [], pickles: [], problems: [], notes: [] } as {
    -readonly [K in 'imports' | 'pickles' | 'problems' | 'notes']: ScanReport[K][number][]
  }
  let [verdict, complete]: [ScanReport['verdict'], boolean] = ['safe', true]
  for (const name of names) {
    const source = await openBeside?.(name)
    if (source === undefined) {
      all.problems.push(`${name}: it is not there`)
      verdict = worse(verdict, 'unknown')
      complete = false
      continue
    }
    try {
      const report = await scanFile(source, options)
      verdict = worse(verdict, report.verdict)
      complete &&= report.complete
      const within = <T extends { readonly where: string }>(found: T): T => ({
        ...found,
        where: `${name} > ${found.where}`,
      })
      all.imports.push(...report.imports.map(within))
      all.pickles.push(...report.pickles.map(within))
      all.problems.push(...report.problems.map((problem) => `${name}: ${problem}`))
      all.notes.push(...report.notes.map((note) => `${name}: ${note}`))
    } finally {
      await source.close()
    }
  }
  return { format: 'pytorch', verdict, complete, ...all }
}
