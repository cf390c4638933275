import { ArtError } from '@art/core'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import { parsePointer, type Pointer } from '@art/core/pointer/pointer.ts'
import { serializePointer } from '@art/core/pointer/serialize.ts'
import { MODELS_FILE } from '@art/registry/models-file/models-file.ts'
import { greatest, type ModelLedger, type Release, releasesOf, stagesOf } from '@art/registry/tag/ledger.ts'
import { parseTagMessage } from '@art/registry/tag/message.ts'
import { closest } from '../config/suggest.ts'
import { findRev } from '../git/history.ts'
import type { Repo } from '../open.ts'
import { parseReleaseName, type ReleaseName } from '../target/release-name.ts'
import { ARTIFACT_FILES, entriesReader } from './entry-at.ts'
import { openRegistry, type Registry, textAt } from './open.ts'

/** A release that somebody named, and the pointer that it is of. */
export interface NamedRelease {
  /** As it was named. */
  name: string
  model: string
  /** Absent for a stage that no version holds. */
  version?: string
  tag: string
  /** Full hash; it holds the pointer. */
  commit: string
  /** Of the data, relative to the root. */
  path: string
  pointerPath: string
  pointer: Pointer
  pointerText: string
}

/**
 * The release that a name stands for: `resnet@v1.2.0`, `resnet@1.2` (the greatest of these), `resnet@latest` (by date), `resnet@greatest`,
 * `resnet#prod`. Undefined where nothing of this name was ever released and it may be a file's. Fails with `NOT_FOUND`, with `NOT_TRACKED` where nothing
 * says what data it is of, and with `CORRUPT` where tag and commit contradict each other.
 */
export async function findRelease(repo: Repo, name: string): Promise<NamedRelease | undefined> {
  if (repo.gitRoot === undefined || parseReleaseName(name) === undefined) return undefined
  const registry = await openRegistry(repo)
  const chosen = chooseRelease(registry, name)
  return chosen && (await describeRelease(repo, registry, chosen))
}

/** The tag that a name stands for. Undefined, and fails, as `findRelease`. */
export function chooseRelease(registry: Registry, name: string): ChosenRelease | undefined {
  const parsed = parseReleaseName(name)
  if (parsed === undefined) return undefined
  const ledger = registry.ledger.get(parsed.model)
  const releases = ledger === undefined ? [] : releasesOf(ledger)
  if (ledger === undefined || (releases.length === 0 && stagesOf(ledger).size === 0))
    return unknownModel(name, parsed, registry)
  const { wanted, model } = parsed
  const chosen = 'stage' in wanted ? atStage(ledger, releases, wanted.stage) : atVersion(releases, wanted.version)
  if (chosen === undefined) throw unknown(name, parsed, ledger, releases)
  return { name, model, ...chosen }
}

type Chosen = Pick<Release, 'commit' | 'tag'> & { version?: string | undefined }
export type ChosenRelease = Chosen & { name: string; model: string }

function atVersion(releases: readonly Release[], wanted: string): Chosen | undefined {
  if (wanted === 'greatest') return greatest(releases)
  if (wanted === 'latest')
    return releases.reduce<Release | undefined>(
      (last, one) => (last && last.tag.date > one.tag.date ? last : one),
      undefined,
    )
  const exact = releases.find(({ version }) => version === wanted)
  return (
    exact ?? greatest(releases.filter(({ version }) => /^[0-9.]+$/.test(wanted) && version.startsWith(`${wanted}.`)))
  )
}

function atStage(ledger: ModelLedger, releases: readonly Release[], stage: string): Chosen | undefined {
  const held = stagesOf(ledger).get(stage)
  return releases.find(({ version }) => version === held?.version) ?? held
}

/** The commit that holds the pointer of a release. */
export function holderOf({ tag, commit }: Chosen): string {
  return parseTagMessage(tag.message)?.gitCommit ?? commit
}

/** What a tag of art says of itself; of GTO's the entry of the model in its commit. Fails as `findRelease`. */
export async function describeRelease(repo: Repo, registry: Registry, chosen: ChosenRelease): Promise<NamedRelease> {
  const { name, model, version, tag, commit } = chosen
  const told = parseTagMessage(tag.message) ?? {}
  const holder = holderOf(chosen)
  const path = told.path ?? (await pathAt(repo, registry, commit, model))
  if (path === undefined) throw unsaid(name, tag.name)
  const pointerPath = pointerPathFor(path)
  const text = await textAt(repo, holder, pointerPath)
  const found = {
    name,
    model,
    tag: tag.name,
    commit: holder,
    path,
    pointerPath,
    ...(version !== undefined && { version }),
  }
  if (text !== undefined) {
    const pointer = await parsePointer(text, { path: pointerPath })
    if (told.oid !== undefined && (told.oid !== pointer.oid || told.kind !== pointer.kind))
      throw contradiction(name, tag.name, holder)
    return { ...found, pointer, pointerText: text }
  }
  // A shallow clone has the tag, and maybe not the commit.
  if (
    told.oid === undefined ||
    told.size === undefined ||
    told.kind !== 'f' ||
    (await findRev(repo, holder)) !== undefined
  )
    throw gone(name, holder, pointerPath)
  const pointer: Pointer = { path: path.slice(path.lastIndexOf('/') + 1), oid: told.oid, kind: 'f', size: told.size }
  return { ...found, pointer, pointerText: await serializePointer(pointer) }
}

async function pathAt(repo: Repo, registry: Registry, commit: string, model: string): Promise<string | undefined> {
  const texts = await Promise.all([MODELS_FILE, ...ARTIFACT_FILES].map((file) => textAt(repo, commit, file)))
  const entry = await entriesReader(new Map([[commit, texts]]))({ commit, model })
  return (entry ?? registry.models.get(model))?.path
}

/** A file may be called so, too: only what can be no other thing, or nearly is a release, is answered for. */
function unknownModel(name: string, { model, wanted }: ReleaseName, { ledger }: Registry): undefined {
  const near = closest(model, [...ledger.keys()])
  const last = 'version' in wanted ? wanted.version : ''
  if (near === undefined && /\.[A-Za-z]/.test(last)) return undefined
  throw new ArtError('NOT_FOUND', `no version of ${model} is released`, {
    path: name,
    hint:
      near === undefined
        ? 'Tags may have to be fetched: `git fetch --tags`.'
        : `Did you mean ${name.replace(model, near)}?`,
  })
}

function unknown(
  name: string,
  { model, wanted }: ReleaseName,
  ledger: ModelLedger,
  releases: readonly Release[],
): ArtError {
  const [what, known] =
    'stage' in wanted
      ? [`no version of ${model} is ${wanted.stage}`, [...stagesOf(ledger).keys()].map((stage) => `${model}#${stage}`)]
      : [`${model} has no such version`, releases.map(({ version }) => `${model}@v${version}`)]
  const near = closest('version' in wanted ? `${model}@v${wanted.version}` : name, known)
  const last = known.slice(-5).reverse().join(', ')
  const there = known.length === 0 ? '`git fetch --tags` brings tags from others.' : `There is: ${last}.`
  return new ArtError('NOT_FOUND', what, { path: name, hint: near === undefined ? there : `Did you mean ${near}?` })
}

function unsaid(name: string, tag: string): ArtError {
  return new ArtError('NOT_TRACKED', `neither the tag ${tag} nor its commit says what data this release is of`, {
    path: name,
    hint: `Name its path in ${MODELS_FILE}.`,
  })
}

function contradiction(name: string, tag: string, commit: string): ArtError {
  return new ArtError('CORRUPT', `the tag ${tag} names another content than the pointer of ${commit.slice(0, 12)}`, {
    path: name,
    hint: 'Ask whoever made the tag, and make it again.',
  })
}

function gone(name: string, commit: string, path: string): ArtError {
  return new ArtError('NOT_FOUND', `its pointer ${path} cannot be read in ${commit.slice(0, 12)}`, {
    path: name,
    hint: 'In a shallow clone run `git fetch --unshallow --tags`.',
  })
}
