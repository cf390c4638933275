import type { AddedArtifact, AddResult } from '@art/repo/api.ts'
import { escapeText } from './escape.ts'
import { gitAddLines } from './git-add.ts'
import { figuresOf, formatParameters } from './model.ts'
import { formatCount, formatSize } from './size.ts'
import { renderTable } from './table.ts'
import type { View } from './view.ts'
import { displayWidth } from './width.ts'

const INK = { added: 'green', updated: 'yellow', unchanged: 'dim' } as const

/** Of a model: how far it was trained, and a metric or two. */
const FIGURES_MOST = 3

/** A table of what was added, and the line that tells git. */
export function renderAdd(
  { added, failed, gitPaths, staged }: AddResult,
  view: View,
  { dryRun = false, refresh = false } = {},
): string {
  const { paint } = view
  if (added.length === 0)
    return failed.length > 0
      ? ''
      : refresh
        ? 'nothing to fill in: every model that is here has its block'
        : 'nothing to add: no artifact was modified'
  const note = dryRun ? [paint('dim', 'nothing was written: --dry-run')] : []
  const git =
    staged && gitPaths.length > 0
      ? [paint('dim', 'git has the pointers: autostage')]
      : gitAddLines(gitPaths, staged, paint)
  return [...tableOf(added, view), ...note, ...(dryRun ? [] : git)].join('\n')
}

/** With as many figures of models as there is room for; one at least. */
function tableOf(added: readonly AddedArtifact[], { paint, columns }: View): string[] {
  for (let figures = FIGURES_MOST; ; figures--) {
    const rows = added.map(({ path, size, files, oid, state, checkpoint, given }) => [
      paint(INK[state], state),
      escapeText(path),
      formatSize(size),
      contentOf(files, checkpoint),
      figuresOf({ ...checkpoint, metrics: { ...checkpoint?.metrics, ...given?.metrics } })
        .slice(0, figures)
        .join('  '),
      paint('dim', oid.slice(0, 10)),
    ])
    const layout = [{}, { flexible: true }, { align: 'right' }, { align: 'right' }, {}, {}] as const
    if (figures > 1 && columns !== undefined && widthOf(renderTable(rows, layout, undefined)) > columns) continue
    return renderTable(rows, layout, columns)
  }
}

function contentOf(files: number | undefined, checkpoint: AddedArtifact['checkpoint']): string {
  if (checkpoint?.parameters !== undefined) return `${formatParameters(checkpoint.parameters)} params`
  return files === undefined ? '' : `${formatCount(files)} ${files === 1 ? 'file' : 'files'}`
}

function widthOf(lines: readonly string[]): number {
  return lines.reduce((most, line) => Math.max(most, displayWidth(line)), 0)
}
