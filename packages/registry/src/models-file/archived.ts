import { openSections, openYaml } from '@art/core/yaml/document.ts'
import { editedYaml } from '@art/core/yaml/edited.ts'
import { compareVersions, type Version } from '../version/version.ts'
import { MODELS_FILE, type ModelsFile, parseModelsFile } from './models-file.ts'

export interface ArchivedChange {
  model: string
  version: Version
  archived: boolean
  /** Of the data that is released, for a model that the file does not have. */
  path: string
}

/** The text of `models.yaml` with versions put on, or taken off, the `archived` lists of their models; comments stay. The same text where nothing changes. */
export async function changeArchived(text: string, changes: readonly ArchivedChange[]): Promise<string> {
  const models = await parseModelsFile(text)
  const lists = wantedLists(models, changes)
  if (lists.size === 0) return text
  const document = await openYaml(text, { code: 'CONFIG_INVALID', path: MODELS_FILE })
  for (const [model, versions] of lists) {
    const place = ['models', model]
    const known = models.get(model)
    const path = known?.path ?? changes.find((change) => change.model === model)!.path
    openSections(document, place)
    if (!document.hasIn([...place, 'path'])) document.setIn(place, document.createNode({ path }))
    if (versions.length === 0) document.deleteIn([...place, 'archived'])
    else document.setIn([...place, 'archived'], document.createNode(versions, { flow: true }))
  }
  return await editedYaml(document, text)
}

/** Of each model whose list is not as it should be, how it should be. */
function wantedLists(models: ModelsFile, changes: readonly ArchivedChange[]): Map<string, Version[]> {
  const lists = new Map<string, Version[]>()
  for (const { model, version, archived } of changes) {
    const before = lists.get(model) ?? models.get(model)?.archived ?? []
    if (before.includes(version) === archived) continue
    const after = archived ? [...before, version].sort(compareVersions) : before.filter((one) => one !== version)
    lists.set(model, after)
  }
  return lists
}
