import type { RollbackResult, StageMove, StageResult, UnstageResult } from '@art/repo/stage-api.ts'
import { commandLine, escapeText } from './escape.ts'
import { shownVersion } from './moment.ts'
import { countOf } from './size.ts'
import type { View } from './view.ts'

export function renderStage(result: StageResult, view: View): string {
  const { name, version, stage, unchanged, requirements, forced, dryRun } = result
  const { paint } = view
  if (unchanged) return `${escapeText(name)} ${version} has ${escapeText(stage)} already; nothing to do`
  const judged = requirements.map(({ requirement, met, actual }) => {
    const sign = met ? paint('green', '✓') : paint('yellow', '!')
    return `  ${sign} ${escapeText(requirement)}  ${paint('dim', escapeText(actual))}`
  })
  return [
    movedLine(result, view),
    ...judged,
    ...(forced === undefined
      ? []
      : [`  ${paint('yellow', dryRun ? 'would be forced:' : 'forced:')} ${escapeText(forced)}`]),
    ...madeLines(result, view),
  ].join('\n')
}

export function renderUnstage(result: UnstageResult, view: View): string {
  const { name, stage, from, to, unchanged, versions } = result
  if (unchanged && result.tags.length > 0) return renderStanding(result, view)
  if (unchanged) return `that version of ${escapeText(name)} does not have ${escapeText(stage)}; nothing to do`
  const heir =
    to === null || from === to
      ? []
      : [view.paint('dim', `  ${shownVersion(to)} had it before; --all takes it from every version`)]
  const others = from === to ? [`  taken from ${versions.map(shownVersion).join(', ')}, which had it earlier`] : []
  return [movedLine(result, view), ...others, ...heir, ...madeLines(result, view)].join('\n')
}

export function renderRollback(result: RollbackResult, view: View): string {
  if (result.unchanged) return renderStanding(result, view)
  return [movedLine(result, view), ...madeLines(result, view)].join('\n')
}

/** A command that was killed had made it. */
function renderStanding(result: StageMove, view: View): string {
  const tags = result.tags.map(escapeText).join(', ')
  const stands = `stands by ${tags}, made before the last command was killed; nothing more is changed`
  return [movedLine({ ...result, dryRun: false }, view), ...madeLines(result, view, stands)].join('\n')
}

/** `resnet production: 1.2.0 → 1.1.0`. */
function movedLine({ name, stage, from, to, dryRun }: StageMove, { paint }: View): string {
  const what = `${escapeText(name)} ${escapeText(stage)}`
  const move =
    from === to ? `stays with ${shownVersion(to)}` : `${shownVersion(from)} → ${paint('bold', shownVersion(to))}`
  return `${dryRun ? 'would move ' : ''}${what}: ${move}`
}

function madeLines(
  { tags, files, filesCommit, left, pushed, next, dryRun }: StageMove,
  { paint }: View,
  made = `${dryRun ? 'would tag' : 'tagged'} ${tags.map(escapeText).join(', ')}`,
): string[] {
  const listed = files.length <= 3 ? files.map(escapeText).join(', ') : countOf(files.length, 'file')
  const committed =
    files.length === 0 ? [] : [`${dryRun ? 'would commit' : `committed as ${filesCommit?.slice(0, 12)}`}: ${listed}`]
  const sent = pushed === null ? [] : [`${dryRun ? 'would push' : 'pushed'} to ${escapeText(pushed.remote)}`]
  return [
    ...[made, ...committed, ...sent].map((line) => paint('dim', `  ${line}`)),
    ...left.map((path) => paint('yellow', `  ${escapeText(path)} was changed meanwhile, and left as it is`)),
    ...(dryRun || next === null ? [] : ['', paint('dim', 'next, for others:'), `  ${commandLine(next)}`]),
  ]
}
