import { readYaml } from '@art/core/yaml/document.ts'
import { type ModelEntry, type ModelsFile, parseModelsFile } from '@art/registry/models-file/models-file.ts'

/** Where GTO 1.x and DVC have what `models.yaml` has: a section `artifacts`, or the whole of the older file. */
export const ARTIFACT_FILES = ['dvc.yaml', 'artifacts.yaml'] as const

/** What the files of a commit say of a model: `models.yaml` first. A file that cannot be read says nothing. Each text is read once. */
export function entriesReader(
  texts: ReadonlyMap<string, readonly (string | undefined)[]>,
): (release: { commit: string; model: string }) => Promise<ModelEntry | undefined> {
  const known = new Map<string, Promise<ModelsFile>>()
  const read = (text: string, at: number): Promise<ModelsFile> => {
    const key = `${at}${text}`
    const reading = known.get(key) ?? (at === 0 ? parseModelsFile(text) : parseArtifacts(text)).catch(() => new Map())
    known.set(key, reading)
    return reading
  }
  return async ({ commit, model }) => {
    for (const [at, text] of (texts.get(commit) ?? []).entries()) {
      const entry = text === undefined ? undefined : (await read(text, at)).get(model)
      if (entry !== undefined) return entry
    }
    return undefined
  }
}

/** Names and paths alone, read as those of `models.yaml` are. */
async function parseArtifacts(text: string): Promise<ModelsFile> {
  const root = await readYaml(text, { code: 'CONFIG_INVALID' })
  const section = root.get('artifacts') ?? root
  const lines: string[] = []
  for (const [name, value] of section instanceof Map ? section : []) {
    const path = value instanceof Map ? value.get('path') : undefined
    if (typeof path === 'string') lines.push(`  ${JSON.stringify(name)}: ${JSON.stringify(path)}`)
  }
  return await parseModelsFile(`models:\n${lines.join('\n')}\n`)
}
