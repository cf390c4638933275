import type { KeptArtifact, PrunedArtifact, PruneReason, PruneResult, PruneUndoResult } from '@art/repo/cleaning-api.ts'
import type { Paint } from './color.ts'
import { escapeText, quoteForShell } from './escape.ts'
import { formatFact } from './figure.ts'
import { gitAddLines } from './git-add.ts'
import { countOf, formatSize } from './size.ts'
import { fits, renderTable } from './table.ts'
import type { View } from './view.ts'
import { wrap } from './wrap.ts'

const MOST_REFS = 5
const MOST_REASONS = 4

/** What goes and what stays, why, what is freed where, and the line that takes it back. */
export function renderPrune(
  result: PruneResult,
  view: View,
  { dryRun = false, targets = [] }: { dryRun?: boolean; targets?: readonly string[] },
): string {
  const { pruned, kept, by, gitPaths, staged, failed } = result
  const { paint } = view
  if (pruned.length + kept.length === 0) return failed.length > 0 ? '' : 'no checkpoints: nothing matches'
  const title =
    pruned.length === 0 ? 'nothing goes' : `${dryRun ? 'would go' : 'gone'}: ${countOf(pruned.length, 'checkpoint')}`
  return [
    title,
    ...tableOf(
      pruned.map((one) => figures(one, by)),
      view.columns,
    ),
    ...(kept.length === 0 ? [] : [`kept: ${countOf(kept.length, 'artifact')}`]),
    ...keptLines(kept, by, view.columns),
    ...(pruned.length === 0 ? [] : freedLines(result, dryRun, paint)),
    ...(dryRun || pruned.length === 0 ? [] : undoLines(result, targets, paint)),
    ...gitAddLines(gitPaths, staged, paint),
  ].join('\n')
}

/** A reason stands behind its artifact, or below it where the terminal is too narrow for all of them. */
function keptLines(kept: readonly KeptArtifact[], by: string | null, columns: number | undefined): string[] {
  const reasons = kept.map((one) => reasonsText(one.reasons))
  const whole = tableOf(
    kept.map((one, at) => [...figures(one, by), reasons[at]!]),
    undefined,
  )
  if (fits(whole, columns)) return whole
  const lines = tableOf(
    kept.map((one) => figures(one, by)),
    columns,
  )
  const width = columns === undefined ? undefined : columns - 4
  return lines.flatMap((line, at) => [line, ...wrap(reasons[at]!, width).map((reason) => `    ${reason}`)])
}

function tableOf(rows: readonly (readonly string[])[], columns: number | undefined): string[] {
  const right = { align: 'right' } as const
  const width = columns === undefined ? undefined : columns - 2
  return renderTable(rows, [{ flexible: true }, right, right, right, {}], width).map((line) => `  ${line}`)
}

function figures({ path, epoch, value, size }: PrunedArtifact | KeptArtifact, by: string | null): string[] {
  return [
    escapeText(path),
    epoch === null ? '' : `epoch ${epoch}`,
    value === null || by === null || by === 'epoch' ? '' : `${escapeText(by)} ${formatFact(value)}`,
    formatSize(size),
  ]
}

/** Some, where hundreds of releases are of one content. */
function reasonsText(reasons: readonly PruneReason[]): string {
  const more = reasons.length > MOST_REASONS ? `, and ${reasons.length - MOST_REASONS} more reasons` : ''
  return `${reasons.slice(0, MOST_REASONS).map(reasonText).join(', ')}${more}`
}

function reasonText({ by, detail }: PruneReason): string {
  const about = detail === undefined ? '' : escapeText(detail)
  switch (by) {
    case 'best':
      return about === '1' ? 'the best' : `best ${about}`
    case 'last':
      return 'among the last'
    case 'released':
      return `released: ${about}`
    case 'staged':
      return `staged: ${about}`
    case 'named':
      return `${about} in models.yaml`
    case 'resume':
      return 'training goes on from it'
    case 'archived':
      return 'archived'
    case 'modified':
      return 'changed since its pointer was written'
    case 'uncached':
      return 'not in the cache'
    case 'uncommitted':
      return 'its pointer is not committed'
    case 'shared':
      return `the same content as ${about}`
    case 'unranked':
      return 'tells no metric'
  }
}

function freedLines({ bytes, remote, heldBy }: PruneResult, dryRun: boolean, paint: Paint): string[] {
  const far =
    bytes.remote === null || remote === undefined ? '' : `, ${formatSize(bytes.remote)} on ${escapeText(remote)}`
  const refs = heldBy.map(({ ref, artifacts }) => `${escapeText(ref)} (${artifacts})`)
  const more = refs.length > MOST_REFS ? `, and ${refs.length - MOST_REFS} more` : ''
  return [
    `${dryRun ? 'would free' : 'freed'} ${formatSize(bytes.workspace)} in the workspace; ${formatSize(bytes.cache)} stay in the cache${far}`,
    paint('dim', '  they stay there until a gc, which this version of art does not have;'),
    paint('dim', "  for the way back: this branch's history names all of it"),
    ...(refs.length === 0 ? [] : [paint('dim', `  and so do ${refs.slice(0, MOST_REFS).join(', ')}${more}`)]),
  ]
}

const MOST_TARGETS = 3

/** One line for a shell, good before and after the change is committed. */
function undoLines({ undo, pruned }: PruneResult, targets: readonly string[], paint: Paint): string[] {
  if (undo === null) return []
  const folders = pruned.map(({ path }) => path.slice(0, Math.max(0, path.lastIndexOf('/'))) || '.')
  // A shell may have made hundreds of one glob.
  const named = targets.length <= MOST_TARGETS ? targets : [...new Set(folders)]
  const dashes = named.some((name) => name.startsWith('-')) ? '-- ' : ''
  return [
    '',
    paint('dim', 'to take it back:'),
    `  art prune --undo ${undo.commit.slice(0, 12)} ${dashes}${named.map(quoteForShell).join(' ')}`,
  ]
}

/** What came back, or would. */
export function renderPruneUndo(
  { restored, failed, gitPaths, staged }: PruneUndoResult,
  view: View,
  dryRun: boolean,
): string {
  if (restored.length === 0) return failed.length > 0 ? '' : 'nothing is missing: all of it is there'
  return [
    `${dryRun ? 'would come back' : 'back'}: ${countOf(restored.length, 'artifact')}`,
    ...restored.map((path) => `  ${escapeText(path)}`),
    ...gitAddLines(gitPaths, staged, view.paint),
  ].join('\n')
}
