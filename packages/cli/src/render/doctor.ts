import type { DoctorFinding, DoctorResult } from '@art/repo/view-api.ts'
import type { Ink } from './color.ts'
import { escapeText } from './escape.ts'
import type { View } from './view.ts'
import { wrap } from './wrap.ts'

const LEVELS: Record<DoctorFinding['level'], [label: string, ink: Ink]> = {
  error: ['problem', 'red'],
  warning: ['careful', 'yellow'],
  note: ['note', 'cyan'],
}
const LABEL = 11

/** Each finding with what to do, the worst first; then how to load it. */
export function renderDoctor({ path, format, findings, load, torch }: DoctorResult, { paint, columns }: View): string {
  const { lowest, installed, recorded, recordedBy, needs } = torch
  const versions = [
    ...(lowest === undefined ? [] : [`needs torch ${lowest} or later (${needs[0]!.what})`]),
    ...(recorded === undefined
      ? []
      : [recordedBy === 'add' ? `${recorded} was installed where it was added` : `written by torch ${recorded}`]),
    ...(installed === undefined ? [] : [`installed here is ${installed}`]),
  ]
  const ordered = (['error', 'warning', 'note'] as const).flatMap((level) =>
    findings.filter((one) => one.level === level),
  )
  const width = columns === undefined ? undefined : Math.max(20, columns - LABEL - 2)
  const below = (label: string, text: string): string[] =>
    wrap(escapeText(text), width).map((part, i) => `  ${i === 0 ? label : ' '.repeat(LABEL)}${part}`)
  const lines = ordered.flatMap(({ level, message, advice }) => {
    const [label, ink] = LEVELS[level]
    const said = below(paint(ink, label.padEnd(LABEL)), message)
    return advice === undefined ? said : [...said, ...below(' '.repeat(LABEL), advice)]
  })
  return [
    `${paint('bold', escapeText(path))}  ${paint('dim', escapeText(format ?? 'unknown format'))}`,
    ...lines,
    ...(versions.length === 0 ? [] : below('torch'.padEnd(LABEL), versions.join('; '))),
    ...(load === null ? [] : below(paint('green', 'load with'.padEnd(LABEL)), load)),
  ].join('\n')
}
