import { isDeepStrictEqual } from 'node:util'
import { openYaml, readYaml } from '@art/core/yaml/document.ts'
import { editedYaml } from '@art/core/yaml/edited.ts'
import type { YamlMap, YamlValue } from '@art/core/yaml/plain.ts'
import { metadataPath } from './place.ts'
import type { MetricValue, ReleaseRecord } from './record.ts'
import { setOwn } from './set-own.ts'
import { textOf, trainingOf } from './training.ts'
import { formatYaml } from './yaml-text.ts'

/** A value of a file that is not what the release says. */
export interface Disagreement {
  /** As in `metrics.val_acc`. */
  key: string
  /** undefined: it is missing. */
  found: YamlValue | undefined
  expected: YamlValue
}

/** What the metadata file of a release says, in the order in which it does: docs/formats.md. */
export function metadataOf(record: ReleaseRecord): YamlMap {
  const { entry, facts } = record
  const lines: YamlMap = new Map()
  const put = (key: string, value: YamlValue | undefined): void => {
    if (value !== undefined && !(value instanceof Map && value.size === 0)) lines.set(key, value)
  }
  put('name', record.model)
  put('version', record.version)
  put('title', entry.title)
  put('dataset', entry.dataset ?? textOf(record, ['dataset', 'dataset_name']))
  put('task', entry.task ?? textOf(record, ['task']))
  put('metrics', new Map(Object.entries(facts.metrics).map(([name, value]) => [name, numberOf(value)])))
  put('architecture', architectureOf(record))
  put('training', trainingOf(record))
  put('date', record.created)
  put('git_commit', record.commit)
  put('author', entry.author ?? record.author)
  put('notes', entry.notes ?? facts.desc)
  const labels = [...new Set([...(entry.labels ?? []), ...(facts.labels ?? [])])]
  if (labels.length > 0) put('labels', labels)
  put('path', record.path)
  if (record.kind === 'd') put('kind', 'directory')
  put('format', facts.format)
  put('tag', record.tag)
  put('oid', `sha256:${record.oid}`)
  put('weights', record.weights)
  put('size', record.size)
  return lines
}

function architectureOf({ entry, facts: { parameters } }: ReleaseRecord): YamlMap {
  const architecture: YamlMap = new Map(entry.architecture)
  if (parameters !== undefined) architecture.set('total_params', parameters)
  return architecture
}

function numberOf(value: MetricValue): YamlValue {
  if (value === 'nan') return Number.NaN
  return value === 'inf' ? Number.POSITIVE_INFINITY : value === '-inf' ? Number.NEGATIVE_INFINITY : value
}

/** Lines of a new file with what only this machine knows of the training, which nobody compares later. */
function withTraining(own: YamlMap, training: YamlMap): YamlMap {
  if (training.size === 0) return own
  const known = own.get('training')
  const all: YamlMap = new Map(known instanceof Map ? known : [])
  for (const [key, value] of training) if (!all.has(key)) all.set(key, value)
  if (known !== undefined) return new Map([...own, ['training', all]])
  return new Map(
    [...own].flatMap((line): [string, YamlValue][] => (line[0] === 'date' ? [['training', all], line] : [line])),
  )
}

/**
 * The text of the metadata file. Of one that is there, comments and keys that art does not know stay, and so does all of it where its values are
 * right. Fails with `CONFIG_INVALID`.
 */
export async function renderMetadata(
  record: ReleaseRecord,
  previous?: string,
  training: YamlMap = new Map(),
): Promise<string> {
  const own = metadataOf(record)
  if (previous === undefined) return formatYaml(withTraining(own, training))
  const path = metadataPath(record.model, record.version)
  if ((await metadataDisagreements(record, previous)).length === 0) return previous
  const document = await openYaml(previous, { code: 'CONFIG_INVALID', path })
  setOwn(document, own, await readYaml(previous, { code: 'CONFIG_INVALID', path }))
  return await editedYaml(document, previous)
}

/** Fails with `CONFIG_INVALID`. */
export async function metadataDisagreements(record: ReleaseRecord, text: string): Promise<Disagreement[]> {
  const path = metadataPath(record.model, record.version)
  return compare(metadataOf(record), await readYaml(text, { code: 'CONFIG_INVALID', path }), '')
}

function compare(own: YamlMap, found: YamlMap, prefix: string): Disagreement[] {
  return [...own].flatMap(([key, expected]): Disagreement[] => {
    const value = found.get(key)
    if (expected instanceof Map && value instanceof Map) return compare(expected, value, `${prefix}${key}.`)
    return isDeepStrictEqual(value, expected) ? [] : [{ key: prefix + key, found: value, expected }]
  })
}

/** Did art write it? Files of people lack one of these. */
export async function isOwnMetadata(text: string, path: string): Promise<boolean> {
  const map = await readYaml(text, { code: 'CONFIG_INVALID', path }).catch((): YamlMap => new Map())
  return typeof map.get('tag') === 'string' && /^sha256:[0-9a-f]{64}$/.test(String(map.get('oid')))
}
