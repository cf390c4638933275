import { ArtError, isArtError } from '@art/core'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import { parsePointer, type Pointer } from '@art/core/pointer/pointer.ts'
import { serializePointer } from '@art/core/pointer/serialize.ts'
import { MODELS_FILE } from '@art/registry/models-file/models-file.ts'
import type { Release } from '@art/registry/tag/ledger.ts'
import { parseTagMessage } from '@art/registry/tag/message.ts'
import { type Reference, versionReference } from '@art/registry/tag/reference.ts'
import { closest } from '../config/suggest.ts'
import { findRev } from '../git/history.ts'
import type { Repo } from '../open.ts'
import { ARTIFACT_FILES, entriesReader } from './entry-at.ts'
import { findRelease } from './find-release.ts'
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
 * The release that a name stands for, as `versionReference` reads it. Undefined where nothing of this name was ever released and it may be a file's.
 * Fails with `NOT_FOUND`, with `NOT_TRACKED` where nothing says what data it is of, and with `CORRUPT` where tag and commit contradict each other.
 */
export async function releaseNamed(repo: Repo, name: string): Promise<NamedRelease | undefined> {
  if (repo.gitRoot === undefined || versionReference(name) === undefined) return undefined
  const registry = await openRegistry(repo)
  const chosen = chooseRelease(registry, name)
  return chosen && (await describeRelease(repo, registry, chosen))
}

/** The tag that a name stands for. */
export interface ChosenRelease extends Pick<Release, 'commit' | 'tag' | 'model'> {
  name: string
  version?: string
}

/** Undefined, and fails, as `releaseNamed`. */
export function chooseRelease(registry: Registry, name: string): ChosenRelease | undefined {
  const reference = versionReference(name)
  if (reference === undefined || mayBeFile(registry, reference)) return undefined
  try {
    const { release, assignment } = findRelease(registry, reference)
    const { commit, tag } = (release ?? assignment)!
    return { name, model: reference.model, commit, tag, ...(release && { version: release.version }) }
  } catch (error) {
    if (!isArtError(error, 'NOT_FOUND')) throw error
    throw new ArtError(error.code, error.message, { path: name, hint: error.hint, cause: error })
  }
}

/** `photo@2x.png`: only what can be no other thing, or nearly is a release, is answered for. */
function mayBeFile({ ledger }: Registry, { model, version = '' }: Reference): boolean {
  return !ledger.has(model) && /\.[A-Za-z]/.test(version) && closest(model, [...ledger.keys()]) === undefined
}

/** The commit that holds the pointer of a release. */
export function pointerCommit({ tag, commit }: Pick<Release, 'commit' | 'tag'>): string {
  return parseTagMessage(tag.message)?.gitCommit ?? commit
}

/** What a tag of art says of itself; of GTO's the entry of the model in its commit. Fails as `releaseNamed`. */
export async function describeRelease(repo: Repo, registry: Registry, chosen: ChosenRelease): Promise<NamedRelease> {
  const { name, model, version, tag, commit } = chosen
  const told = parseTagMessage(tag.message) ?? {}
  const holder = pointerCommit(chosen)
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
