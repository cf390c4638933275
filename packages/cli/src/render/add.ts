import type { AddResult } from '@art/repo/api.ts'
import { escapeText } from './escape.ts'
import { gitAddLines } from './git-add.ts'
import { formatCount, formatSize } from './size.ts'
import { renderTable } from './table.ts'
import type { View } from './view.ts'

const INK = { added: 'green', updated: 'yellow', unchanged: 'dim' } as const

/** A table of what was added, and the line that tells git. */
export function renderAdd({ added, failed, gitPaths, staged }: AddResult, view: View, { dryRun = false } = {}): string {
  const { paint, columns } = view
  if (added.length === 0) return failed.length === 0 ? 'nothing to add: no artifact was modified' : ''
  const rows = added.map(({ path, size, files, oid, state }) => [
    paint(INK[state], state),
    escapeText(path),
    formatSize(size),
    files === undefined ? '' : `${formatCount(files)} ${files === 1 ? 'file' : 'files'}`,
    paint('dim', oid.slice(0, 10)),
  ])
  const table = renderTable(rows, [{}, { flexible: true }, { align: 'right' }, { align: 'right' }, {}], columns)
  const note = dryRun ? [paint('dim', 'nothing was written: --dry-run')] : []
  const git =
    staged && gitPaths.length > 0
      ? [paint('dim', 'git has the pointers: autostage')]
      : gitAddLines(gitPaths, staged, paint)
  return [...table, ...note, ...(dryRun ? [] : git)].join('\n')
}
