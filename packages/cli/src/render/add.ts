import type { AddedArtifact, AddResult } from '@art/repo/api.ts'
import { escapeText } from './escape.ts'
import { gitAddLines } from './git-add.ts'
import { figuresOf, formatParameters } from './model.ts'
import { formatCount, formatSize } from './size.ts'
import { renderTable } from './table.ts'
import type { View } from './view.ts'
import { displayWidth } from './width.ts'

const INK = { added: 'green', updated: 'yellow', unchanged: 'dim' } as const

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

/** What a row tells beside its path, the most first: a metric says more to a person than a name made of digits. */
const DETAILS = [
  { figures: 3, parameters: true, oid: true },
  { figures: 2, parameters: true, oid: true },
  { figures: 2, parameters: true, oid: false },
  { figures: 2, parameters: false, oid: false },
  { figures: 1, parameters: false, oid: false },
] as const

/** With as much detail as there is room for. */
function tableOf(added: readonly AddedArtifact[], { paint, columns }: View): string[] {
  const layout = [{}, { flexible: true }, { align: 'right' }, { align: 'right' }, {}, {}] as const
  const rowsWith = (detail: (typeof DETAILS)[number]): string[][] =>
    added.map(({ path, size, files, oid, state, checkpoint, given }) => [
      paint(INK[state], state),
      escapeText(path),
      formatSize(size),
      detail.parameters || files !== undefined ? contentOf(files, checkpoint) : '',
      figuresOf({ ...checkpoint, metrics: { ...checkpoint?.metrics, ...given?.metrics } })
        .slice(0, detail.figures)
        .join('  '),
      detail.oid ? paint('dim', oid.slice(0, 10)) : '',
    ])
  const models = added.some(({ checkpoint, given }) => checkpoint !== undefined || given !== undefined)
  const fits = (rows: string[][]): boolean =>
    columns === undefined || widthOf(renderTable(rows, layout, undefined)) <= columns
  const choices = models ? DETAILS.map(rowsWith) : [rowsWith(DETAILS[0])]
  return renderTable(choices.find(fits) ?? choices.at(-1)!, layout, columns)
}

function contentOf(files: number | undefined, checkpoint: AddedArtifact['checkpoint']): string {
  if (checkpoint?.parameters !== undefined) return `${formatParameters(checkpoint.parameters)} params`
  return files === undefined ? '' : `${formatCount(files)} ${files === 1 ? 'file' : 'files'}`
}

function widthOf(lines: readonly string[]): number {
  return lines.reduce((most, line) => Math.max(most, displayWidth(line)), 0)
}
