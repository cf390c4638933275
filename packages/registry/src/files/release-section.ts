import type { YamlValue } from '@art/core/yaml/plain.ts'
import { accuracyOf } from './accuracy.ts'
import { figureText, grouped, markdownText } from './markdown-text.ts'
import { metadataPath } from './place.ts'
import type { ReleaseRecord } from './record.ts'
import { textOf, trainingOf } from './training.ts'

const UNKNOWN = '—'

/** Heading of a release's section. */
export function sectionHeading({ model, version, entry }: ReleaseRecord): string {
  return `## ${markdownText(entry.title ?? '') || model} v${version}`
}

/** What a section says of a release, a line each; all of them always, so that sections can be compared. */
export function sectionLines(record: ReleaseRecord): string[] {
  const { entry, facts, created, commit, model, version } = record
  const dataset = entry.dataset ?? textOf(record, ['dataset', 'dataset_name'])
  const lines: [string, string][] = [
    ['Dataset', dataset === undefined ? UNKNOWN : markdownText(dataset)],
    ['Accuracy', accuracyText(record)],
    ['Parameters', facts.parameters === undefined ? UNKNOWN : grouped(facts.parameters)],
    ['Training Time', timeText(record)],
    ['Config', `${configText(record)} ([metadata](${metadataPath(model, version)}))`],
    ['Commit', `\`${commit.slice(0, 12)}\``],
    ['Date', created.slice(0, 10)],
  ]
  return lines.map(([name, text]) => `- **${name}**: ${text.trim() === '' ? UNKNOWN : text.trimEnd()}`)
}

/** The accuracy; where there is none, the metric that counts by its name. */
function accuracyText(record: ReleaseRecord): string {
  const accuracy = accuracyOf(record)
  if (accuracy !== undefined) return `${figureText(accuracy.value)} (${markdownText(accuracy.name)})`
  const { deciding } = record
  return deciding === undefined ? UNKNOWN : `${UNKNOWN} (${markdownText(deciding.name)} ${figureText(deciding.value)})`
}

function timeText(record: ReleaseRecord): string {
  const hours = trainingOf(record).get('training_time_hours')
  if (typeof hours === 'string') return markdownText(hours)
  return typeof hours === 'number' ? `${figureText(hours)} ${hours === 1 ? 'hour' : 'hours'}` : UNKNOWN
}

const MOST = 6

/** How it was trained; where that is not known, the first of its configuration. */
function configText(record: ReleaseRecord): string {
  const training = [...trainingOf(record)].filter(([key]) => key !== 'training_time_hours')
  const shown = training.length > 0 ? training : Object.entries(record.facts.config as Record<string, YamlValue>)
  const texts = shown.flatMap(([key, value]) => (isScalar(value) ? [`${markdownText(key)} ${scalarText(value)}`] : []))
  return texts.length === 0 ? UNKNOWN : texts.slice(0, MOST).join(', ')
}

function isScalar(value: YamlValue): value is string | number | boolean {
  return value !== null && typeof value !== 'object'
}

function scalarText(value: string | number | boolean): string {
  if (typeof value === 'number') return figureText(value)
  const text = String(value)
  return markdownText(text.length <= 60 ? text : `${text.slice(0, 59)}…`)
}
