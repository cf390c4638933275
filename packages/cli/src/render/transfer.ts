import type { TransferResult } from '@art/repo/api.ts'
import { escapeText } from './escape.ts'
import { countOf, formatDuration, formatSize } from './size.ts'
import { renderTable } from './table.ts'
import type { View } from './view.ts'
import { displayWidth } from './width.ts'

const WORDS = {
  push: { done: 'pushed', moved: 'sent', would: 'would push', preposition: 'to' },
  fetch: { done: 'fetched', moved: 'received', would: 'would fetch', preposition: 'from' },
} as const

/** `pushed 3 artifacts, 100,000 files to origin: 12.3 MB new of 1.00 GB, sent 8.1 MB in 1.2 s` */
export function renderTransfer(
  result: TransferResult,
  direction: 'push' | 'fetch',
  milliseconds: number,
  view: View,
): string {
  const { artifacts, files, bytes, failed, would } = result
  const words = WORDS[direction]
  const remote = escapeText(result.remote)
  if (would !== undefined) return renderWould(would, `${words.would} ${words.preposition} ${remote}`, view)
  if (artifacts === 0 && bytes.new > 0)
    return `no artifact is complete, ${words.moved} ${formatSize(bytes.transferred)}`
  if (artifacts === 0) return failed.length > 0 ? '' : `nothing to ${direction}: no artifact is named`
  const what = `${countOf(artifacts, 'artifact')}, ${countOf(files, 'file')}`
  if (bytes.new === 0) {
    const holder = direction === 'push' ? remote : 'the cache'
    if (failed.length > 0) return `nothing was ${words.moved}: see what is missing`
    return `${holder} has all of ${what}, ${formatSize(bytes.logical)}: nothing new to ${direction}`
  }
  const size = `${formatSize(bytes.new)} new of ${formatSize(bytes.logical)}`
  const moved = `${words.moved} ${formatSize(bytes.transferred)} in ${formatDuration(milliseconds)}`
  const line = `${words.done} ${what} ${words.preposition} ${remote}: ${size}, ${moved}`
  return view.columns === undefined || displayWidth(line) <= view.columns
    ? line
    : line.replace(`: ${size}`, `:\n  ${size}`)
}

function renderWould(would: NonNullable<TransferResult['would']>, what: string, { columns, paint }: View): string {
  if (would.length === 0) return 'nothing would travel'
  const rows = would.map(({ path, size }) => [escapeText(path), formatSize(size)])
  const total = would.reduce((sum, { size }) => sum + size, 0)
  const table = renderTable(rows, [{ flexible: true }, { align: 'right' }], columns)
  return [...table, paint('dim', `${what}: ${countOf(would.length, 'artifact')}, at most ${formatSize(total)}`)].join(
    '\n',
  )
}
