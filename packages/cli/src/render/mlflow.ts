import type { MlflowPullResult, MlflowPushResult } from '@art/repo/mlflow-api.ts'
import type { Ink } from './color.ts'
import { escapeText } from './escape.ts'
import { countOf, formatSize } from './size.ts'
import { renderTable } from './table.ts'
import type { View } from './view.ts'

const INK: Readonly<Record<string, Ink>> = {
  pushed: 'green',
  updated: 'yellow',
  adopted: 'green',
  reference: 'green',
  unchanged: 'dim',
  ours: 'dim',
  released: 'green',
}

const WOULD: Readonly<Record<string, string>> = {
  pushed: 'would push',
  updated: 'would update',
  adopted: 'would adopt',
  reference: 'would adopt',
  released: 'would release',
}

/** A line a release: what happened, its tag, and what MLflow calls it. */
export function renderMlflowPush(
  { server, releases, unaliased, failed, dryRun }: MlflowPushResult,
  view: View,
): string {
  const { paint, columns } = view
  if (releases.length === 0) return failed.length > 0 ? '' : 'nothing to push: there is no release'
  const stateText = stateIn(view, dryRun)
  const rows = releases.map(({ state, tag, registered, experiment, aliases }) => [
    stateText(state),
    escapeText(tag),
    escapeText(registered.version === undefined ? registered.model : `${registered.model}/${registered.version}`),
    escapeText(experiment),
    aliasesText(aliases),
  ])
  const gone = unaliased.map((alias) => `${dryRun ? 'would take away' : 'took away'} ${escapeText(alias)}`)
  const count = countOf(releases.length, 'release')
  return [
    ...renderTable(rows, [{}, { flexible: 'apart' }, {}, {}, {}], columns),
    ...gone,
    paint('dim', `${count} ${dryRun ? 'for' : 'on'} ${escapeText(server)}`),
  ].join('\n')
}

/** A line a version, what was made of them, then what to run. */
export function renderMlflowPull(result: MlflowPullResult, view: View): string {
  const { server, models, next, failed, dryRun, commit, sent } = result
  const { paint, columns } = view
  if (models.length === 0) return failed.length > 0 ? '' : `${escapeText(server)} has nothing to adopt`
  const stateText = stateIn(view, dryRun)
  const rows = models.map(({ state, registered, run, model, version, path, aliases, release }) => [
    stateText(release?.made ? 'released' : state),
    escapeText(registered === undefined ? `run ${run!.id.slice(0, 12)}` : `${registered.model}/${registered.version}`),
    escapeText(release?.tag ?? `${model}@v${version}`),
    escapeText(path),
    aliasesText(aliases),
  ])
  const isLent = commit === null && sent === null && models.some(({ state }) => state === 'reference')
  const bring = isLent
    ? [paint('dim', 'reference: the pointer is here, `art pull` brings the bytes from the remote of art that has them')]
    : []
  const isReleased = commit !== null || models.some(({ release }) => release?.made)
  const then =
    next.length === 0
      ? []
      : [isReleased ? 'To send them:' : 'To make releases of them:', ...next.map((line) => `  ${escapeText(line)}`)]
  return [
    ...renderTable(rows, [{}, {}, {}, { flexible: 'apart' }, {}], columns),
    ...bring,
    ...doneLines(result, view),
    ...then,
  ].join('\n')
}

/** What happened to a release, or would. */
function stateIn({ paint }: View, dryRun = false): (state: string) => string {
  return (state) => paint(INK[state]!, dryRun ? (WOULD[state] ?? state) : state)
}

function aliasesText(aliases: readonly string[]): string {
  return aliases.map((alias) => escapeText(`@${alias}`)).join(' ')
}

function doneLines({ stages, commit, sent, models, dryRun }: MlflowPullResult, { paint }: View): string[] {
  const made = dryRun ? [] : models.filter(({ release }) => release?.made)
  const lines = stages.map(
    ({ model, stage, version, tag }) => `${escapeText(`${model} ${stage}: ${version}`)}  ${escapeText(tag)}`,
  )
  const what = [
    ...(commit === null ? [] : [`pointers in ${commit.slice(0, 12)}`]),
    ...(sent === null ? [] : [`${formatSize(sent.bytes)} to ${escapeText(sent.remote)}`]),
    ...(made.length === 0 ? [] : [countOf(made.length, 'release')]),
  ]
  return what.length === 0 ? lines : [...lines, paint('dim', what.join(', '))]
}
