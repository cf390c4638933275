import type { MlflowPullResult, MlflowPushResult } from '@art/repo/mlflow-api.ts'
import type { Ink } from './color.ts'
import { escapeText } from './escape.ts'
import { countOf } from './size.ts'
import { renderTable } from './table.ts'
import type { View } from './view.ts'

const INK: Readonly<Record<string, Ink>> = {
  pushed: 'green',
  updated: 'yellow',
  adopted: 'green',
  reference: 'green',
  unchanged: 'dim',
  ours: 'dim',
}

const WOULD: Readonly<Record<string, string>> = {
  pushed: 'would push',
  updated: 'would update',
  adopted: 'would adopt',
  reference: 'would adopt',
}

/** A line a release: what happened, its tag, and what MLflow calls it. */
export function renderMlflowPush(
  { server, releases, unaliased, failed, dryRun }: MlflowPushResult,
  view: View,
): string {
  const { paint, columns } = view
  if (releases.length === 0) return failed.length > 0 ? '' : 'nothing to push: there is no release'
  const rows = releases.map(({ state, tag, registered, experiment, aliases }) => [
    paint(INK[state]!, dryRun ? (WOULD[state] ?? state) : state),
    escapeText(tag),
    escapeText(registered.version === undefined ? registered.model : `${registered.model}/${registered.version}`),
    escapeText(experiment),
    escapeText(aliases.map((alias) => `@${alias}`).join(' ')),
  ])
  const gone = unaliased.map((alias) => `${dryRun ? 'would take away' : 'took away'} ${escapeText(alias)}`)
  const count = countOf(releases.length, 'release')
  return [
    ...renderTable(rows, [{}, { flexible: true }, {}, {}, {}], columns),
    ...gone,
    paint('dim', `${count} ${dryRun ? 'for' : 'on'} ${escapeText(server)}`),
  ].join('\n')
}

/** A line a version, then what to run. */
export function renderMlflowPull(result: MlflowPullResult, { paint, columns }: View): string {
  const { server, models, next, failed, dryRun } = result
  if (models.length === 0) return failed.length > 0 ? '' : `${escapeText(server)} has no registered model`
  const rows = models.map(({ state, registered, model, version, path, aliases }) => [
    paint(INK[state]!, dryRun ? (WOULD[state] ?? state) : state),
    escapeText(`${registered.model}/${registered.version}`),
    escapeText(`${model}@v${version}`),
    escapeText(path),
    escapeText(aliases.map((alias) => `@${alias}`).join(' ')),
  ])
  const bring = models.some(({ state }) => state === 'reference')
    ? [paint('dim', 'reference: the pointer is here, `art pull` brings the bytes from the remote of art that has them')]
    : []
  const then = next.length === 0 ? [] : ['To make releases of them:', ...next.map((line) => `  ${escapeText(line)}`)]
  return [...renderTable(rows, [{}, {}, {}, { flexible: true }, {}], columns), ...bring, ...then].join('\n')
}
