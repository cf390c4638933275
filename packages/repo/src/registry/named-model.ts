import { ArtError } from '@art/core'
import { MODELS_FILE, type ModelEntry } from '@art/registry/models-file/models-file.ts'
import { assertName, isModelName } from '@art/registry/tag/name.ts'
import { closest } from '../config/suggest.ts'
import type { Repo } from '../open.ts'
import { findPointers } from '../target/find.ts'
import type { Registry } from './open.ts'

export interface NamedModel extends ModelEntry {
  /** models.yaml does not describe it: the path was found by its name. */
  assumed: boolean
}

/**
 * The model that a user names: of `models.yaml`; else the only artifact whose file is called `<name>` or `<name>_best`, whatever its ending. Fails with
 * `USAGE` for what is no name, and with `NOT_FOUND`, naming what could be meant.
 */
export async function namedModel(repo: Repo, { models, ledger }: Registry, name: string): Promise<NamedModel> {
  const entry = models.get(name)
  if (entry !== undefined) return { ...entry, assumed: false }
  const before = /^(.+?)(?:@v?(.*)|#.*)$/.exec(name)
  if (before !== null && isModelName(before[1]!)) {
    const version = before[2] === undefined || before[2] === '' ? '' : ` --version ${before[2]}`
    throw new ArtError('USAGE', 'this names a release or a stage, and not a model', {
      path: name,
      hint: `Run \`art release ${before[1]}${version}\`.`,
    })
  }
  const byPath = [...models.values()].find(({ path }) => path === name || `${path}.art` === name)
  if (byPath !== undefined) throw notFound(name, [byPath.name])
  assertName(name, 'model')
  const { artifacts } = await findPointers(repo)
  const alike = artifacts.filter(({ path }) => [name, `${name}_best`].includes(stemOf(path)))
  if (alike.length === 1) return { name, path: alike[0]!.path, assumed: true }
  if (alike.length > 1) {
    const paths = alike.map(({ path }) => path).join(', ')
    throw new ArtError('NOT_FOUND', `${MODELS_FILE} has no such model, and several files could be meant: ${paths}`, {
      path: name,
      hint: `Say which in ${MODELS_FILE}: \`art models init\` proposes it.`,
    })
  }
  const near = closest(name, [...new Set([...models.keys(), ...ledger.keys()])])
  const stems = artifacts.map(({ path }) => stemOf(path).replace(/_best$/, ''))
  throw notFound(
    name,
    [near ?? closest(name, stems)].filter((one) => one !== undefined),
  )
}

function notFound(name: string, meant: readonly string[]): ArtError {
  const [suggestion] = meant
  return new ArtError('NOT_FOUND', 'there is no such model', {
    path: name,
    hint:
      suggestion === undefined
        ? `Describe it in ${MODELS_FILE}: \`art models init\` proposes it.`
        : `Did you mean ${suggestion}?`,
  })
}

/** `resnet_best` of `models/resnet_best.pth`. */
function stemOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.[A-Za-z][A-Za-z0-9]*$/, '')
}
