import type { ScannedFile, ScanResult } from '@art/repo/model-api.ts'
import { escapeText } from './escape.ts'
import { countOf } from './size.ts'
import type { View } from './view.ts'

const INK = { safe: 'green', unknown: 'yellow', unsafe: 'red' } as const
type Verdict = keyof typeof INK

/** Lines of one file that are shown without `-v`. */
const SHOWN = 12

/** Each file with its verdict and why; `-v` adds the imports that are safe, and all of very many. */
export function renderScan({ scanned, others, failed }: ScanResult, view: View): string {
  const lines = scanned.flatMap((file) => renderFile(file, view))
  if (scanned.length === 0 && failed.length > 0) return ''
  const counts = (['unsafe', 'unknown', 'safe'] as const)
    .map((verdict) => [verdict, scanned.filter((file) => file.verdict === verdict).length] as const)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdict}`)
  const rest = others === 0 ? [] : [`${countOf(others, 'file')} that ${others === 1 ? 'is' : 'are'} no model or pickle`]
  const summary = [...counts, ...rest].join(', ') || 'nothing to scan: no file is there'
  return scanned.length === 1 && others === 0 ? lines.join('\n') : [...lines, view.paint('dim', summary)].join('\n')
}

function renderFile(file: ScannedFile, { paint, verbose }: View): string[] {
  const { verdict, path, format } = file
  const head = `${label(verdict, paint)}  ${escapeText(path)}  ${paint('dim', format ?? 'unknown format')}`
  const imports = file.imports.filter((one) => verbose || one.verdict !== 'safe')
  const worst = imports.toSorted((a, b) => ORDER[b.verdict] - ORDER[a.verdict])
  const reasons = worst.map((one) => {
    const name = escapeText(`${one.module}.${one.name}`)
    const place = paint('dim', `${one.called ? 'called' : 'imported'} in ${escapeText(one.where)} at ${one.position}`)
    return `  ${label(one.verdict, paint)}  ${name}  ${place}`
  })
  const said = [...file.problems, ...(verbose ? file.notes : [])].map((text) => `  ${escapeText(text)}`)
  const all = [...reasons, ...said]
  const more = all.length - SHOWN
  if (verbose || more <= 1) return [head, ...all]
  return [head, ...all.slice(0, SHOWN), paint('dim', `  and ${more} more: -v shows all`)]
}

const ORDER: Readonly<Record<Verdict, number>> = { safe: 0, unknown: 1, unsafe: 2 }

function label(verdict: Verdict, paint: View['paint']): string {
  return paint(INK[verdict], verdict.padEnd('unknown'.length))
}
