import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { atomicWriteSync } from '@art/core/fs/atomic-write.ts'
import { readSmallText } from '@art/core/fs/read-text.ts'
import { openSections, openYaml } from '@art/core/yaml/document.ts'
import { editedYaml } from '@art/core/yaml/edited.ts'
import { MODELS_FILE, parseModelsFile } from '@art/registry/models-file/models-file.ts'
import type { Repo } from '../open.ts'
import { refuseLink } from '../trust/link.ts'

/**
 * Puts models that are not there yet into `models.yaml`, each with its path; what people wrote stays. True where the file changed. Fails with
 * `CONFIG_INVALID`, and with `PATH_UNSAFE` where a link stands in its place.
 */
export async function ensureModelEntries(repo: Repo, paths: ReadonlyMap<string, string>): Promise<boolean> {
  const file = join(repo.root, MODELS_FILE)
  refuseLink(file)
  const text = lstatSync(file, { throwIfNoEntry: false }) === undefined ? '' : (readSmallText(file) ?? '')
  const known = await parseModelsFile(text)
  const lacking = [...paths].filter(([name]) => !known.has(name))
  if (lacking.length === 0) return false
  atomicWriteSync(file, await withEntries(text, lacking), { staging: repo.tmpDir })
  return true
}

/** The text of `models.yaml` with more models. Fails with `CONFIG_INVALID`. */
export async function withEntries(
  text: string,
  entries: readonly (readonly [name: string, path: string])[],
): Promise<string> {
  const document = await openYaml(text, { code: 'CONFIG_INVALID', path: MODELS_FILE })
  openSections(document, ['models', ''])
  for (const [name, path] of entries) document.setIn(['models', name], { path })
  return await editedYaml(document, text)
}
