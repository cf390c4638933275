import type { ListedModel, ModelsCheckResult, ModelsFixResult, ModelsResult } from '@art/repo/registry-api.ts'
import { listed } from '@art/core/listed.ts'
import { escapeText } from './escape.ts'
import { formatFigure } from './figure.ts'
import { countOf } from './size.ts'
import { fits, renderTable } from './table.ts'
import type { View } from './view.ts'

/** A line for each model. */
export function renderModels({ models, undescribed }: ModelsResult, { columns, paint }: View): string {
  if (models.length === 0) return 'no models: `art models init` proposes models.yaml, `art release` makes versions'
  const whole = tableOf(models.map(rowOf), undefined)
  // A line that is too long gets room by a stage a line, and only then at the path's cost.
  const [first = '', ...lines] = fits(whole, columns) ? whole : tableOf(models.flatMap(rowsOf), columns)
  return [paint('dim', first), ...lines, ...undescribedLines(undescribed, paint)].join('\n')
}

function tableOf(rows: readonly (readonly string[])[], columns: number | undefined): string[] {
  const head = ['model', 'latest', 'stages', 'metric', 'path'].map((name, at) =>
    rows.some((row) => row[at]) ? name : '',
  )
  return renderTable([head, ...rows], [{}, {}, {}, {}, { flexible: 'apart' }], columns)
}

function rowOf(model: ListedModel): string[] {
  return [
    escapeText(model.name),
    versionText(model),
    stageTexts(model).join(', '),
    model.metric === undefined ? '' : `${escapeText(model.metric.name)} ${formatFigure(model.metric.value)}`,
    model.path === null ? '' : escapeText(model.path),
  ]
}

function rowsOf(model: ListedModel): string[][] {
  const [name = '', version = '', , ...rest] = rowOf(model)
  const [first = '', ...others] = stageTexts(model)
  return [[name, version, first, ...rest], ...others.map((stage) => ['', '', stage])]
}

function versionText({ latest, versions, archived, status }: ListedModel): string {
  if (latest === null) return 'none'
  const some = status !== 'archived' && archived !== undefined ? `, ${archived} archived` : ''
  const more = versions > 1 ? ` of ${versions}${some}` : ''
  return `v${escapeText(latest)}${more}${status === 'archived' || status === 'deprecated' ? ` ${status}` : ''}`
}

function stageTexts({ stages }: ListedModel): string[] {
  return Object.entries(stages).map(([stage, version]) => `${escapeText(stage)} v${escapeText(version)}`)
}

function undescribedLines(tags: readonly string[], paint: View['paint']): string[] {
  if (tags.length === 0) return []
  return [paint('dim', `no pointer in the commit of ${listed(tags.map(escapeText), 3)}`)]
}

export function renderCheckedModels({ ok, releases, behind, undescribed }: ModelsCheckResult, { paint }: View): string {
  const lines = ok ? [`ok: the files agree with the tags of ${countOf(releases, 'release')}`] : []
  if (behind.length > 0) {
    lines.push(paint('dim', `behind: newer than HEAD, and not in the files yet: ${listed(behind.map(escapeText))}`))
  }
  return [...lines, ...undescribedLines(undescribed, paint)].join('\n')
}

export function renderFixedModels({ files, commit, undescribed }: ModelsFixResult, { paint }: View): string {
  if (files.length === 0) return ['the files agree with the tags', ...undescribedLines(undescribed, paint)].join('\n')
  const shown = files
    .slice(0, 20)
    .map(({ path, state }) => `${state === 'removed' ? 'removed' : 'written'}  ${escapeText(path)}`)
  const more = files.length > 20 ? [`and ${countOf(files.length - 20, 'more file')}`] : []
  const last = commit === undefined ? 'not committed' : `committed as ${commit.slice(0, 12)}`
  return [...shown, ...more, paint('dim', last), ...undescribedLines(undescribed, paint)].join('\n')
}
