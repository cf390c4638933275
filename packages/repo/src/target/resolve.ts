import { lstatSync } from 'node:fs'
import { join, posix } from 'node:path'
import { ArtError, fromSystemError } from '@art/core'
import { isPointerPath, POINTER_SUFFIX } from '@art/core/pointer/name.ts'
import { versionReference } from '@art/registry/tag/reference.ts'
import type { Failure } from '../api.ts'
import { closest } from '../config/suggest.ts'
import { trackedByGit } from '../git/staging.ts'
import type { Repo } from '../open.ts'
import type { NamedRelease } from '../registry/named-release.ts'
import { shellWord } from '../shell-word.ts'
import { type Artifact, failureOf, findPointers, readArtifact } from './find.ts'
import { isGlob, typedGlob } from './glob.ts'
import { assertInside, namedPath, repoPath, typedPath } from './path.ts'

export interface Target {
  artifact: Artifact
  /** A path within the tracked directory, where that was named instead of the whole. */
  inside?: string
  /** Where a release was named: its artifact has that release's pointer, whatever the workspace's says. */
  release?: NamedRelease
}

export interface ResolveOptions {
  /** Names of releases count too: of an art repository that is in git. */
  releases?: boolean
}

export interface Resolved {
  /** Sorted by path, each once. */
  targets: Target[]
  failed: Failure[]
}

/**
 * Finds what a user names: data, its pointer, a folder (all below it), a path inside a tracked directory, or a glob over artifacts.
 * No names at all mean the whole repository. What cannot be found is in `failed`.
 */
export async function resolveTargets(
  repo: Repo,
  names: readonly string[],
  options: ResolveOptions = {},
): Promise<Resolved> {
  const resolved: Resolved = { targets: [], failed: [] }
  if (names.length === 0) {
    const { artifacts, failed } = await findPointers(repo)
    return { targets: artifacts.map((artifact) => ({ artifact })), failed }
  }
  const targets = new Map<string, Target>()
  for (const name of names) {
    try {
      const { targets: some, failed } = await resolveOne(repo, name, options)
      for (const target of some) targets.set(keyOf(target), target)
      resolved.failed.push(...failed)
    } catch (error) {
      const { path = name } = fromSystemError(error, name)
      resolved.failed.push(failureOf(error, path === name ? namedPath(repo, name) : path))
    }
  }
  for (const [key, target] of targets) {
    // The whole includes its parts.
    if (target.inside === undefined || target.release !== undefined || !targets.has(`${target.artifact.path}\0`))
      resolved.targets.push(target)
    else targets.delete(key)
  }
  resolved.targets.sort((a, b) => (a.artifact.path + (a.inside ?? '') < b.artifact.path + (b.inside ?? '') ? -1 : 1))
  return resolved
}

function keyOf({ artifact, inside = '', release }: Target): string {
  return `${artifact.path}\0${inside}${release === undefined ? '' : `\0${release.commit}`}`
}

/** Exactly one whole artifact, for `verb`. Fails with `NOT_TRACKED`, or with `USAGE` where the name stands for several or for a part. */
export async function resolveOneArtifact(repo: Repo, name: string, verb: string): Promise<Artifact> {
  const { targets, failed } = await resolveOne(repo, name)
  const [target] = targets
  if (target !== undefined && targets.length === 1 && failed.length === 0 && target.inside === undefined)
    return target.artifact
  const whole = target?.inside === undefined ? undefined : typedPath(repo, target.artifact.path)
  throw new ArtError(
    'USAGE',
    whole === undefined ? 'this stands for several artifacts' : `it is part of the tracked directory ${whole}`,
    {
      path: name,
      hint:
        whole === undefined
          ? `Name one, as in \`art ${verb} <artifact>\`.`
          : `Change the folder itself, then run \`art add ${whole}\`.`,
    },
  )
}

async function resolveOne(repo: Repo, name: string, { releases = false }: ResolveOptions = {}): Promise<Resolved> {
  const path = repoPath(repo, name)
  if (path !== '') {
    const target = await byPath(repo, path)
    if (target !== undefined) return { targets: [target], failed: [] }
  }
  const isFolder = lstatSync(join(repo.root, path), { throwIfNoEntry: false })?.isDirectory() ?? false
  if (isFolder) {
    const { artifacts, failed } = await findPointers(repo, path)
    if (artifacts.length > 0 || failed.length > 0 || path === '')
      return { targets: artifacts.map((artifact) => ({ artifact })), failed }
  }
  const release = releases && !isThere(repo, path) ? await releaseTarget(repo, name) : undefined
  if (release !== undefined) return { targets: [release], failed: [] }
  if (!isFolder && isGlob(name)) {
    const pattern = typedGlob(repo.prefix, name)
    const { artifacts } = await findPointers(repo)
    const matching = artifacts.filter((artifact) => pattern.test(artifact.path) || pattern.test(artifact.pointerPath))
    if (matching.length > 0) return { targets: matching.map((artifact) => ({ artifact })), failed: [] }
  }
  throw await notTracked(repo, name, path)
}

function isThere({ root }: Repo, path: string): boolean {
  return lstatSync(join(root, path), { throwIfNoEntry: false }) !== undefined
}

async function releaseTarget(repo: Repo, name: string): Promise<Target | undefined> {
  if (versionReference(name) === undefined) return undefined
  const { releaseNamed } = await import('../registry/named-release.ts')
  const release = await releaseNamed(repo, name)
  return release && { artifact: artifactOf(repo, release), release }
}

/** What a release is of, as if the workspace had its pointer. */
function artifactOf({ root }: Repo, { path, pointerPath, pointer, pointerText }: NamedRelease): Artifact {
  return {
    path,
    pointerPath,
    absolutePath: join(root, path),
    absolutePointer: join(root, pointerPath),
    pointer,
    pointerText,
  }
}

/** The artifact of a data path, of a pointer, or of a tracked directory around the path. */
async function byPath(repo: Repo, path: string): Promise<Target | undefined> {
  if (isPointerPath(path) && isFile(repo, path)) return { artifact: await checked(repo, path) }
  for (let at = path; at !== '' && at !== '.'; at = posix.dirname(at)) {
    const pointer = at + POINTER_SUFFIX
    if (!isPointerPath(pointer) || !isFile(repo, pointer)) continue
    const artifact = await checked(repo, pointer)
    if (at === path) return { artifact }
    if (artifact.pointer.kind === 'd') return { artifact, inside: path.slice(at.length + 1) }
  }
  return undefined
}

async function checked(repo: Repo, pointerPath: string): Promise<Artifact> {
  assertInside(repo, pointerPath)
  return readArtifact(repo, pointerPath)
}

function isFile(repo: Repo, path: string): boolean {
  const stats = lstatSync(join(repo.root, path), { throwIfNoEntry: false })
  return stats !== undefined && !stats.isDirectory()
}

async function notTracked(repo: Repo, name: string, path: string): Promise<ArtError> {
  const fail = (message: string, hint: string) => new ArtError('NOT_TRACKED', message, { path: name, hint })
  if (path !== '' && (await trackedByGit(repo, [path])).has(path)) {
    return fail('git tracks this, not art', `Use git for it, such as \`git checkout -- ${shellWord(name)}\`.`)
  }
  if (isThere(repo, path)) {
    return fail('art does not track this', `Add it with \`art add ${name}\`.`)
  }
  const { artifacts } = await findPointers(repo)
  const near = closest(
    path,
    artifacts.map((artifact) => artifact.path),
  )
  return fail(
    isGlob(name) ? 'no artifact matches this pattern' : 'art tracks nothing of this name',
    near === undefined ? '`art status` lists what there is.' : `Did you mean ${typedPath(repo, near)}?`,
  )
}
