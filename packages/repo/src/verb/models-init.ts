import { join } from 'node:path'
import { atomicWriteSync } from '@art/core/fs/atomic-write.ts'
import { readSmallText } from '@art/core/fs/read-text.ts'
import { readYaml } from '@art/core/yaml/document.ts'
import type { YamlMap, YamlValue } from '@art/core/yaml/plain.ts'
import { MODELS_PAGE, REGISTRY_FILE } from '@art/registry/files/place.ts'
import { MODELS_FILE, parseModelsFile } from '@art/registry/models-file/models-file.ts'
import { chooseModels, hasModelExtension, type NamedFile, nameOfFile } from '@art/registry/propose/model-name.ts'
import { withModels } from '@art/registry/propose/models-text.ts'
import { Hints, noteMetadata, notePage, noteRegistry } from '@art/registry/propose/told.ts'
import { checkpointOf } from '../model/read-block.ts'
import { chosenMetric } from '../model/ranking.ts'
import type { Repo } from '../open.ts'
import { filesOfWorkspace } from '../registry/current-files.ts'
import type { ModelsInitOptions, ModelsInitResult, ProposedModel } from '../registry-api.ts'
import { type Artifact, findPointers } from '../target/find.ts'
import { refuseLink } from '../trust/link.ts'

/**
 * Writes `models.yaml` from the artifacts that are there, or adds to it those that it lacks; what it has stays. Fails with `CONFIG_INVALID` for one
 * that cannot be read, and with `PATH_UNSAFE` for a link in its place.
 */
export async function initModels(repo: Repo, { dryRun = false }: ModelsInitOptions = {}): Promise<ModelsInitResult> {
  const file = join(repo.root, MODELS_FILE)
  refuseLink(file)
  const previous = readSmallText(file)
  const known = previous === undefined ? new Map() : await parseModelsFile(previous)
  const paths = new Set([...known.values()].map(({ path }) => path))
  const { artifacts } = await findPointers(repo)
  const byPath = new Map(artifacts.map((artifact) => [artifact.path, artifact]))
  const found = chooseModels(artifacts.filter(isModelFile).flatMap(({ path }) => nameOfFile(path) ?? []))
  const hints = await hintsOf(repo)
  const lines: YamlMap = new Map()
  const added: ProposedModel[] = []
  for (const model of found) {
    if (known.has(model.name) || paths.has(model.path)) continue
    const { entry, from } = proposal(repo, model, byPath.get(model.path)!, hints)
    lines.set(model.name, entry)
    added.push({ name: model.name, path: model.path, from })
  }
  const text = await withModels(previous, lines)
  if (!dryRun && added.length > 0) atomicWriteSync(file, text)
  const state = added.length === 0 ? 'unchanged' : previous === undefined ? 'written' : 'extended'
  return {
    path: MODELS_FILE,
    state,
    added,
    kept: [...known.keys()],
    text: added.length === 0 ? (previous ?? '') : text,
  }
}

/** A folder, or a file of an unknown kind, is a model where it could be read as one. */
function isModelFile({ path, pointer }: Artifact): boolean {
  return pointer.checkpoint !== undefined || (pointer.kind === 'f' && hasModelExtension(path))
}

function proposal(
  repo: Repo,
  { name, path }: NamedFile,
  { pointer }: Artifact,
  hints: Hints,
): { entry: YamlMap; from: string[] } {
  const { metrics, config } = checkpointOf(pointer.checkpoint ?? new Map())
  const { from, ...told } = hints.of(name)
  const entry: YamlMap = new Map<string, YamlValue>([['path', path]])
  const put = (key: string, value: unknown): void => {
    if (typeof value === 'string' && value !== '') entry.set(key, value)
  }
  const configured = (...keys: string[]): unknown => keys.map((key) => config[key]).find((value) => value !== undefined)
  put('title', told.title ?? configured('model_name', 'model', 'arch', 'architecture'))
  put('dataset', told.dataset ?? configured('dataset', 'dataset_name'))
  put('task', told.task ?? configured('task'))
  put('author', told.author)
  put('notes', told.notes)
  const file = `${path.slice(0, path.lastIndexOf('/') + 1)}${name}_metrics.json`
  if (readsAsText(repo, file)) put('metrics', file)
  put('metric', chosenMetric(new Map(Object.keys(metrics).map((key) => [key, 1]))))
  const isRead = Object.keys(metrics).length + Object.keys(config).length > 0
  return { entry, from: [...(isRead ? [`${path}.art`] : []), ...from] }
}

function readsAsText(repo: Repo, path: string): boolean {
  try {
    return readSmallText(join(repo.root, path)) !== undefined
  } catch {
    return false
  }
}

async function hintsOf(repo: Repo): Promise<Hints> {
  const { registry, page, metadata } = await filesOfWorkspace(repo)
  const hints = new Hints()
  if (registry !== undefined) noteRegistry(hints, registry, REGISTRY_FILE)
  for (const [path, text] of metadata) {
    const map = await readYaml(text, { code: 'CONFIG_INVALID', path }).catch(() => undefined)
    if (map !== undefined) noteMetadata(hints, map, path)
  }
  if (page !== undefined) notePage(hints, page, MODELS_PAGE)
  return hints
}
