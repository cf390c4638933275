import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { atomicWriteSync } from '@art/core/fs/atomic-write.ts'
import { readSmallText } from '@art/core/fs/read-text.ts'
import { openSections, openYaml } from '@art/core/yaml/document.ts'
import { editedYaml } from '@art/core/yaml/edited.ts'
import { aboutOf, type ModelAbout } from '@art/registry/mlflow/about.ts'
import { MODELS_FILE, parseModelsFile } from '@art/registry/models-file/models-file.ts'
import type { Repo } from '../open.ts'
import { refuseLink } from '../trust/link.ts'

type NewEntry = ModelAbout & { name: string; path: string }

/**
 * Puts models that are not there yet into `models.yaml`, each with its path and what MLflow tells of it; what people wrote stays. True where the file changed. Fails with
 * `CONFIG_INVALID`, and with `PATH_UNSAFE` where a link stands in its place.
 */
export async function ensureModelEntries(repo: Repo, entries: readonly NewEntry[]): Promise<boolean> {
  const file = join(repo.root, MODELS_FILE)
  refuseLink(file)
  const text = lstatSync(file, { throwIfNoEntry: false }) === undefined ? '' : (readSmallText(file) ?? '')
  const known = await parseModelsFile(text)
  const lacking = entries.filter(({ name }) => !known.has(name))
  if (lacking.length === 0) return false
  atomicWriteSync(file, await withEntries(text, lacking), { staging: repo.tmpDir })
  return true
}

/** The text of `models.yaml` with more models. Fails with `CONFIG_INVALID`. */
export async function withEntries(text: string, entries: readonly NewEntry[]): Promise<string> {
  const document = await openYaml(text, { code: 'CONFIG_INVALID', path: MODELS_FILE })
  openSections(document, ['models', ''])
  for (const entry of entries) document.setIn(['models', entry.name], { path: entry.path, ...aboutOf(entry) })
  return await editedYaml(document, text)
}
