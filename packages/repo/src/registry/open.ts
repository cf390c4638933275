import { join } from 'node:path'
import { ArtError } from '@art/core'
import { readSmallText } from '@art/core/fs/read-text.ts'
import { isPointerPath } from '@art/core/pointer/name.ts'
import { MAX_POINTER_BYTES } from '@art/core/pointer/pointer.ts'
import { MODELS_FILE, type ModelsFile, parseModelsFile } from '@art/registry/models-file/models-file.ts'
import { STANDARD_FORMAT, type TagFormat, tagFormat } from '@art/registry/tag/format.ts'
import { type Ledger, readLedger, withTags } from '@art/registry/tag/ledger.ts'
import type { Tag, TagWord } from '@art/registry/tag/tag.ts'
import { blobSizes, blobTexts } from '../git/blob.ts'
import { excludedPaths } from '../git/excluded.ts'
import { gitPrefix } from '../git/line.ts'
import { isShallow, tagsFetch } from '../git/state.ts'
import type { Repo } from '../open.ts'
import { readTags } from './tags.ts'

/** What a repository says of its models: its tags, and what people wrote in `models.yaml`. */
export interface Registry {
  ledger: Ledger
  models: ModelsFile
  /** How a new version of a model is tagged. Fails as `tagFormat`. */
  formatOf(model: string): TagFormat
  /** What a tag's name says, in any form that is read here. */
  parseTag(name: string): TagWord | undefined
  /** Where the repository of art lies in that of git; empty at its top. Tags in GTO's form begin with it. */
  folder: string
  /** The command that brings what tags may be missing here; undefined where nobody could run it. */
  tagsFetch: string | undefined
  /** Nobody can tell whether this clone has all tags. */
  mayLackTags: boolean
}

/** Reads tags and `models.yaml` of the working tree. Fails with `GIT` without git, and with `CONFIG_INVALID`. */
export async function openRegistry(repo: Repo): Promise<Registry> {
  if (repo.gitRoot === undefined) {
    throw new ArtError('GIT', 'versions are git tags, and this repository has no git', {
      path: repo.root,
      hint: 'Run `git init` here; `.art/config.yaml` must not say `core.no_git: true`.',
    })
  }
  const models = await readModelsFile(repo)
  const folder = gitPrefix(repo).slice(0, -1)
  const pattern = repo.config.get('release.tag_format')
  const only = models.size === 1 ? [...models.keys()][0] : undefined
  const formatOf = (model: string): TagFormat => {
    const own = models.get(model)?.tagFormat
    return own === undefined
      ? tagFormat(pattern, { folder, where: 'release.tag_format', ...(only !== undefined && { model: only }) })
      : tagFormat(own, { folder, model, where: MODELS_FILE })
  }
  const own = [...models.values()].filter(({ tagFormat: form }) => form !== undefined).map(({ name }) => formatOf(name))
  // GTO's form is read whatever new tags look like: stages have it always.
  const formats = [
    ...own,
    ...(pattern === STANDARD_FORMAT ? [] : [formatOf('')]),
    tagFormat(STANDARD_FORMAT, { folder }),
  ]
  const parseTag = (tag: string): TagWord | undefined => {
    for (const format of formats) {
      const word = format.parse(tag)
      if (word !== undefined) return word
    }
    return undefined
  }
  const ledger = readLedger(await readTags(repo), parseTag)
  const mayLackTags = ledger.size === 0 || isShallow(repo)
  return { ledger, models, formatOf, parseTag, folder, tagsFetch: tagsFetch(repo), mayLackTags }
}

/** A registry as it will be once some tags are made. */
export function registryWith(registry: Registry, tags: readonly Tag[]): Registry {
  return { ...registry, ledger: withTags(registry.ledger, tags, registry.parseTag) }
}

/** `models.yaml` of the working tree, or as a commit has it; empty where there is none. Fails with `CONFIG_INVALID`. */
export async function readModelsFile(repo: Repo, rev?: string): Promise<ModelsFile> {
  const text = rev === undefined ? await modelsTextHere(repo) : await textAt(repo, rev, MODELS_FILE)
  return text === undefined ? new Map() : await parseModelsFile(text)
}

/** As the index has it, where a sparse checkout leaves it out. */
async function modelsTextHere(repo: Repo): Promise<string | undefined> {
  const text = readSmallText(join(repo.root, MODELS_FILE))
  if (text !== undefined || (await excludedPaths(repo, [MODELS_FILE])).length === 0) return text
  return await textAt(repo, '', MODELS_FILE)
}

/**
 * A small file of a commit as text, such as a pointer, or of the index for an empty `rev`; undefined where it has none of that name. Fails with
 * `POINTER_INVALID` or `CONFIG_INVALID` for one of more than 1 MiB: compressed in git it could fill the memory.
 */
export async function textAt(repo: Repo, rev: string, path: string): Promise<string | undefined> {
  if (path.includes('\n')) return undefined
  const [found] = await blobSizes(repo, [`${rev}:${gitPrefix(repo)}${path}`])
  if (found === undefined) return undefined
  const [blob, size] = found
  if (size <= MAX_POINTER_BYTES) return (await blobTexts(repo, [blob])).get(blob)
  throw new ArtError(isPointerPath(path) ? 'POINTER_INVALID' : 'CONFIG_INVALID', `the file has ${size} bytes in git`, {
    path,
    hint: `Look at \`git show ${rev}:${gitPrefix(repo)}${path}\`: art reads at most 1 MiB of it.`,
  })
}
