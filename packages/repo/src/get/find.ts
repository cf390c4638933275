import { posix } from 'node:path'
import { ArtError, type CallOptions, isArtError } from '@art/core'
import { dataPathFor, isPointerPath, POINTER_SUFFIX } from '@art/core/pointer/name.ts'
import { parsePointer, type Pointer } from '@art/core/pointer/pointer.ts'
import { greatest, releasesOf, stagesOf } from '@art/registry/tag/ledger.ts'
import { isModelName } from '@art/registry/tag/name.ts'
import { versionReference } from '@art/registry/tag/reference.ts'
import { closest } from '../config/suggest.ts'
import { isLocalPath } from '../config/value.ts'
import { type OpenRemote, openRemoteStore } from '../exchange/open-store.ts'
import { resolveRev } from '../git/history.ts'
import { openRepo, type Repo } from '../open.ts'
import {
  chooseRelease,
  describeRelease,
  pointerCommit,
  releaseNamed,
  type NamedRelease,
} from '../registry/named-release.ts'
import { openRegistry } from '../registry/open.ts'
import { namedPath, repoPath } from '../target/path.ts'
import { resolveTargets } from '../target/resolve.ts'
import type { ShownRelease } from '../view-api.ts'
import { dataPathsIn, textIn } from './borrowed-repository.ts'
import { type Borrowed, isUnknown, withBorrowed } from './borrowed.ts'
import type { GetSource } from './source.ts'

/** What was asked for, and which remote has it. */
export interface GetTarget extends GetOrigin {
  /** Of the artifact, in that repository; of a content that only its oid names that. */
  path: string
  /** Of a directory that only its oid names, the size is a guess until its tree tells. */
  pointer: Pointer
  /** A path in a tracked directory, where that was named. */
  inside?: string
  /** Full hash; absent for a working tree. */
  commit?: string
  release?: ShownRelease
}

/** Where the bytes of a target are. */
export interface GetOrigin {
  /** The cache of a repository on this machine. */
  cacheDir?: string
  /** Opens the remote that is to be asked. Touches no network. */
  open(options: { remote?: string | undefined; jobs?: number | undefined }): Promise<OpenRemote>
}

interface Asked extends CallOptions {
  environment: NodeJS.ProcessEnv
  rev: string | undefined
}

/**
 * Finds an artifact, a part of one, or a release in another repository, and runs `work` with it. A folder of this machine gives what its working tree has
 * now, unless a revision or a release is asked for. Fails with `NOT_TRACKED`, `NOT_FOUND`, `NOT_A_REPOSITORY`, or `GIT`.
 */
export async function withTarget<T>(
  source: GetSource,
  name: string,
  asked: Asked,
  work: (target: GetTarget) => Promise<T>,
): Promise<T> {
  if (source.root !== undefined) return await work(await onThisMachine(source, name, asked))
  return await withBorrowed({ ...source, url: source.url! }, asked.environment, asked, async (borrowed) =>
    work(await inBorrowed(source, borrowed, name, asked.rev)),
  )
}

async function onThisMachine(source: GetSource, name: string, { environment, rev }: Asked): Promise<GetTarget> {
  const repo = await openRepo({ cwd: source.folder!, environment })
  if (rev !== undefined) {
    const commit = await resolveRev(repo, rev)
    return await atPath(repo, commit, repoPath(repo, name))
  }
  const { targets, failed } = await resolveTargets(repo, [name])
  const [target] = targets
  if (target !== undefined && targets.length === 1 && failed.length === 0) {
    const { artifact, inside } = target
    const { path, pointer } = artifact
    return { ...originOf(repo), path, pointer, ...(inside !== undefined && { inside }) }
  }
  const release = target === undefined ? await releaseNamed(repo, name) : undefined
  if (release !== undefined) return ofRelease(repo, release)
  if (target === undefined) await suggestRelease(repo, name)
  const [failure] = failed
  if (failure === undefined)
    throw several(
      name,
      targets.map(({ artifact }) => artifact.path),
    )
  throw new ArtError(failure.code, failure.message, {
    path: name,
    hint: /Did you mean/.test(failure.hint ?? '')
      ? failure.hint
      : `\`art -C ${source.name} status\` lists what there is.`,
  })
}

/** `folder:model@v1.0.0`, as GTO has it, where the repository has art's in a folder. */
const FOLDER = /^(?:([\w./-]+):)?(.*)$/s

async function inBorrowed(
  source: GetSource,
  borrowed: Borrowed,
  name: string,
  rev: string | undefined,
): Promise<GetTarget> {
  const [, folder = '', model = ''] = FOLDER.exec(name) ?? []
  const mayBeRelease = rev === undefined && versionReference(model) !== undefined
  const path = cleanPath(posix.join(source.prefix, mayBeRelease ? folder : name))
  const commit = await borrowed.commit(rev).catch((error: unknown) => {
    if (rev !== undefined || !isUnknown(error)) throw error
    return borrowed.withoutHead(mayBeRelease)
  })
  const near = mayBeRelease ? path : posix.dirname(path)
  const repo = await borrowed.repository(commit, near === '.' ? '' : near, { anywhere: mayBeRelease })
  if (!mayBeRelease) {
    try {
      return await atPath(repo, commit, inRoot(repo, borrowed, path))
    } catch (error) {
      if (rev === undefined && isArtError(error, 'NOT_TRACKED') && isModelName(name)) {
        await borrowed.tags()
        await suggestRelease(repo, name)
      }
      throw error
    }
  }
  await borrowed.tags()
  // Nobody could fetch anything into what is gone afterwards.
  const registry = { ...(await openRegistry(repo)), tagsFetch: undefined }
  const chosen = chooseRelease(registry, model)
  if (chosen === undefined) return await atPath(repo, commit, inRoot(repo, borrowed, cleanPath(name)))
  await borrowed.holder(pointerCommit(chosen))
  return ofRelease(repo, await describeRelease(repo, registry, chosen))
}

function ofRelease(repo: Repo, { name, path, pointer, commit, model, version, tag }: NamedRelease): GetTarget {
  return {
    ...originOf(repo),
    path,
    pointer,
    commit,
    release: { name, model, tag, commit, ...(version !== undefined && { version }) },
  }
}

/** The cache and the remotes of another repository. */
function originOf(repo: Repo): GetOrigin {
  return {
    cacheDir: repo.cacheDir,
    open: async ({ remote, jobs }) => {
      refuseRelative(repo, remote)
      return await openRemoteStore(repo, remote, 'read', jobs)
    },
  }
}

/** A folder beside a repository of another machine is on that machine. */
function refuseRelative(repo: Repo, name: string | undefined): void {
  const { name: remote } = repo.config.remote(name)
  const entry = repo.config.entry(`remote.${remote}.url`)
  if (entry?.level !== 'project' || repo.localIsOwn || !isLocalPath(entry.value) || entry.value.startsWith('/')) return
  throw new ArtError(
    'REMOTE_NOT_FOUND',
    `its remote ${remote} is a folder beside that repository, on another machine`,
    {
      path: entry.value,
      hint: 'Name another of its remotes with -r, or clone the repository beside that folder.',
    },
  )
}

/** Fails with `NOT_TRACKED`. */
async function atPath(repo: Repo, commit: string, path: string): Promise<GetTarget> {
  const data = isPointerPath(path) ? dataPathFor(path) : path
  for (let at = data; at !== '.' && at !== '/' && at !== ''; at = posix.dirname(at)) {
    const pointerPath = at + POINTER_SUFFIX
    const text = isPointerPath(pointerPath) ? await textIn(repo, commit, pointerPath) : undefined
    if (text === undefined) continue
    const pointer = await parsePointer(text, { path: pointerPath })
    if (at === data) return { ...originOf(repo), commit, path: at, pointer }
    if (pointer.kind === 'd') return { ...originOf(repo), commit, path: at, pointer, inside: data.slice(at.length + 1) }
  }
  throw await unknown(repo, commit, path)
}

async function unknown(repo: Repo, commit: string, name: string): Promise<ArtError> {
  const paths = await dataPathsIn(repo, commit)
  const inFolder = paths.filter((path) => name === '' || path.startsWith(`${name}/`))
  if (inFolder.length > 0) return several(name, inFolder)
  const near = closest(name, paths)
  const there = paths.length === 0 ? 'It tracks nothing at all.' : `There is: ${paths.slice(0, 5).join(', ')}.`
  return new ArtError('NOT_TRACKED', `art tracks nothing of this name there, in ${commit.slice(0, 12)}`, {
    path: name,
    hint: near === undefined ? there : `Did you mean ${near}?`,
  })
}

/** A model's name alone is no release. Fails with `NOT_TRACKED` where it has some, which are what is meant; the name of anything else passes. */
async function suggestRelease(repo: Repo, name: string): Promise<void> {
  if (repo.gitRoot === undefined || !isModelName(name)) return
  const ledger = (await openRegistry(repo)).ledger.get(name)
  if (ledger === undefined || releasesOf(ledger).length === 0) return
  const stages = [...stagesOf(ledger).keys()].map((stage) => `'${name}#${stage}'`)
  const words = [`${name}@latest`, ...stages, `${name}@v${greatest(releasesOf(ledger))!.version}`]
  throw new ArtError('NOT_TRACKED', 'this is a model, of which a release is to be named', {
    path: name,
    hint: `There is: ${words.slice(0, 5).join(', ')}.`,
  })
}

function several(name: string, paths: readonly string[]): ArtError {
  return new ArtError('USAGE', `this stands for ${paths.length} artifacts`, {
    path: name,
    hint: `Name one of them: ${paths.slice(0, 5).join(', ')}.`,
  })
}

/** Relative to a repository's top, without leading out of it. Fails with `PATH_OUTSIDE`. */
function cleanPath(path: string): string {
  const clean = posix.normalize(path).replace(/^\/+|\/+$/g, '')
  if (!/^\.\.(?:\/|$)/.test(clean) && !clean.includes('\0')) return clean === '.' ? '' : clean
  throw new ArtError('PATH_OUTSIDE', 'the path leads out of that repository', { path, hint: 'Name it from its top.' })
}

/** A path of git's repository in that of art, which may be a folder of it. */
function inRoot(repo: Repo, { git }: Borrowed, path: string): string {
  return path === '' ? '' : namedPath(repo, posix.join(git.root, path))
}
