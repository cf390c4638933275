import { openYaml, readYaml } from '@art/core/yaml/document.ts'
import { editedYaml } from '@art/core/yaml/edited.ts'
import type { YamlMap } from '@art/core/yaml/plain.ts'
import { setOwn } from '../files/set-own.ts'
import { formatYaml } from '../files/yaml-text.ts'
import { MODELS_FILE, parseModelsFile } from '../models-file/models-file.ts'

const HEAD = `# What no file can say of the models. A model has a path, and may have: title, dataset, task, author, notes, labels, architecture, training,
# metrics (a JSON file with more of them), metric (the one that counts) and its direction (highest or lowest), tag_format.
models:
`

/**
 * The text of \`models.yaml\` with more models in it. What is there stays byte for byte where its section \`models\` is in lines; comments stay always.
 * Fails with \`CONFIG_INVALID\`.
 */
export async function withModels(previous: string | undefined, added: YamlMap): Promise<string> {
  if (added.size === 0) return previous ?? HEAD
  if (previous === undefined) return HEAD + formatYaml(added, '  ')
  const document = await openYaml(previous, { code: 'CONFIG_INVALID', path: MODELS_FILE })
  const appended = appendedAt(previous, document.get('models', true), added)
  if (appended !== undefined && (await isReadAs(appended, added))) return appended
  setOwn(
    document,
    new Map([['models', added]]),
    await readYaml(previous, { code: 'CONFIG_INVALID', path: MODELS_FILE }),
  )
  return await editedYaml(document, previous)
}

interface Node {
  flow?: boolean
  items?: readonly { key: { range?: readonly number[] }; value: { range?: readonly number[] } | null }[]
}

/** Lines behind the last one of the section, as far in as its first; undefined where it is not in lines. */
function appendedAt(text: string, section: unknown, added: YamlMap): string | undefined {
  const { flow, items = [] } = (section ?? {}) as Node
  const [first, last] = [items[0]?.key.range?.[0], items.at(-1)?.value?.range?.[1]]
  if (flow || first === undefined || last === undefined) return undefined
  const indent = text.slice(text.lastIndexOf('\n', first - 1) + 1, first)
  if (!/^ +$/.test(indent)) return undefined
  const lineEnd = text[last - 1] === '\n' ? last : text.indexOf('\n', last) + 1 || text.length
  const head = text.slice(0, lineEnd)
  return `${head}${head.endsWith('\n') ? '' : '\n'}${formatYaml(added, indent)}${text.slice(lineEnd)}`
}

async function isReadAs(text: string, added: YamlMap): Promise<boolean> {
  const models = await parseModelsFile(text).catch(() => undefined)
  return models !== undefined && [...added.keys()].every((name) => models.has(name))
}
