import type { ResumeResult } from '@art/repo/view-api.ts'
import { listed } from '@art/core/listed.ts'
import { escapeText } from './escape.ts'
import { formatFact } from './figure.ts'
import { countOf } from './size.ts'
import type { View } from './view.ts'

const STATES = {
  ok: '',
  'checked-out': 'brought from the cache',
  fetched: 'brought from the remote',
  modified: 'newer than its pointer: `art add` keeps it',
} as const

/** The path by itself on the first line, for people and for scripts; then where to start. */
export function renderResume(result: ResumeResult, { paint }: View, { quiet = false } = {}): string {
  const { path, state, startEpoch, epoch, step, optimizer, metrics, passed, given = [] } = result
  // A script opens it: it is printed as it is, unless that could do something to a terminal.
  if (quiet) return escapeText(path)
  const saved = [
    ...(epoch === null ? [] : [`saved at epoch ${epoch}`]),
    ...(step === undefined ? [] : [`step ${step}`]),
    ...Object.entries(metrics)
      .slice(0, 4)
      .map(([name, value]) => `${escapeText(name)} ${formatFact(value)}${given.includes(name) ? ' given' : ''}`),
    ...(optimizer === undefined ? [] : [optimizerText(optimizer)]),
  ]
  const start = startEpoch === null ? 'it tells no epoch to start from' : `start from epoch ${startEpoch}`
  return [
    `${paint('bold', escapeText(path))}${STATES[state] === '' ? '' : `  ${paint('dim', STATES[state])}`}`,
    `  ${start}${saved.length === 0 ? '' : `  ${paint('dim', `(${saved.join(', ')})`)}`}`,
    ...(passed.length === 0
      ? []
      : [paint('dim', `  passed over, without optimizer state: ${listed(passed.map(escapeText), 3)}`)]),
  ].join('\n')
}

function optimizerText({ kind, lr, steps }: NonNullable<ResumeResult['optimizer']>): string {
  const rate = lr.length === 0 ? '' : ` lr ${lr.map((one) => formatFact(one)).join(', ')}`
  return `${escapeText(kind ?? 'optimizer')}${rate}${steps === undefined ? '' : ` after ${countOf(steps, 'step')}`}`
}
