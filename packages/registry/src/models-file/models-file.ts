import { ArtError } from '@art/core'
import { readYaml } from '@art/core/yaml/document.ts'
import type { YamlMap, YamlValue } from '@art/core/yaml/plain.ts'
import { isModelName } from '../tag/name.ts'

/** At the root of the repository: what no file can say of the models. */
export const MODELS_FILE = 'models.yaml'

/** One model, as people describe it. */
export interface ModelEntry {
  name: string
  /** Of the artifact that is released, relative to the root. */
  path: string
  /** What people call it, as in `SimpleCNN`. */
  title?: string
  dataset?: string
  task?: string
  author?: string
  notes?: string
  labels?: string[]
  /** Facts that no checkpoint tells, such as the size of its input. */
  architecture?: YamlMap
  /** Facts of the training that the checkpoint does not tell. */
  training?: YamlMap
  /** Path of a JSON file with more metrics, relative to the root. */
  metrics?: string
  /** The metric that counts, and which end of it is the better one. */
  metric?: string
  direction?: 'highest' | 'lowest'
  /** Of MLflow, where its runs go. */
  experiment?: string
  /** Where its tags are not as `release.tag_format` says. */
  tagFormat?: string
  /** Versions that `art archive` has put out of the way. */
  archived?: string[]
}

export type ModelsFile = ReadonlyMap<string, ModelEntry>

/**
 * Reads `models.yaml`: a section `models` with a section for each name; a name with a path alone may be written `name: path`. Keys that art does not
 * know are left alone. Fails with `CONFIG_INVALID`, naming the key.
 */
export async function parseModelsFile(text: string, path = MODELS_FILE): Promise<ModelsFile> {
  const root = await readYaml(text, { code: 'CONFIG_INVALID', path })
  const models = new Map<string, ModelEntry>()
  const section = root.get('models')
  if (section === undefined || section === null) return models
  if (!(section instanceof Map)) throw invalid(path, 'models', 'must be a section with a name in each line')
  for (const [name, value] of section) {
    if (!isModelName(name))
      throw invalid(path, `models.${name}`, 'is no name of a model: letters, digits, `-`, `_` and `/` make one')
    models.set(name, readEntry(name, value, path))
  }
  return models
}

const TEXTS = ['title', 'dataset', 'task', 'author', 'notes', 'metrics', 'metric', 'experiment'] as const

function readEntry(name: string, value: YamlValue, file: string): ModelEntry {
  const lines = typeof value === 'string' ? new Map<string, YamlValue>([['path', value]]) : value
  if (!(lines instanceof Map)) throw invalid(file, `models.${name}`, 'must be a path, or a section with one')
  const at = (key: string): string => `models.${name}.${key}`
  const path = lines.get('path')
  if (typeof path !== 'string') throw invalid(file, at('path'), 'is missing')
  const entry: ModelEntry = { name, path: insidePath(path, file, at('path')) }
  for (const key of TEXTS) {
    const text = lines.get(key)
    if (text === undefined || text === null) continue
    if (typeof text === 'object') throw invalid(file, at(key), 'must be a text')
    entry[key] = key === 'metrics' ? insidePath(String(text), file, at(key)) : String(text)
  }
  for (const key of ['architecture', 'training'] as const) {
    const map = lines.get(key)
    if (map === undefined || map === null) continue
    if (!(map instanceof Map)) throw invalid(file, at(key), 'must be a section')
    entry[key] = map
  }
  for (const key of ['labels', 'archived'] as const) {
    const list = lines.get(key)
    if (list === undefined || list === null) continue
    if (!Array.isArray(list) || !list.every((item) => typeof item === 'string'))
      throw invalid(file, at(key), 'must be a list of texts')
    entry[key] = list
  }
  const direction = lines.get('direction')
  if (direction !== undefined && direction !== null) {
    if (direction !== 'highest' && direction !== 'lowest')
      throw invalid(file, at('direction'), 'must be highest or lowest')
    entry.direction = direction
  }
  const tagFormat = lines.get('tag_format')
  if (tagFormat !== undefined && tagFormat !== null) {
    if (typeof tagFormat !== 'string') throw invalid(file, at('tag_format'), 'must be a text')
    entry.tagFormat = tagFormat
  }
  return entry
}

function insidePath(path: string, file: string, key: string): string {
  const clean = path.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '')
  if (clean === '' || /^\/|^[A-Za-z]:|\\|\0|(?:^|\/)\.\.(?:\/|$)/.test(clean))
    throw invalid(file, key, 'must be a path inside the repository, with `/` between its parts')
  return clean
}

function invalid(path: string, key: string, why: string): ArtError {
  return new ArtError('CONFIG_INVALID', `${key} ${why}`, {
    path,
    hint: 'Correct it; `art models init` shows the form.',
  })
}
