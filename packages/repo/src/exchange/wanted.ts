import { lstatSync } from 'node:fs'
import { resolve } from 'node:path'
import { ArtError } from '@art/core'
import { parsePointer, type Pointer } from '@art/core/pointer/pointer.ts'
import { dataPathFor } from '@art/core/pointer/name.ts'
import type { YamlMap } from '@art/core/yaml/plain.ts'
import type { Target } from '@art/remote/transfer/target.ts'
import { versionReference } from '@art/registry/tag/reference.ts'
import type { Failure, TransferOptions } from '../api.ts'
import type { GitPointer } from '../git/blob.ts'
import { headCommit, pointersAt, pointersInCommits, refTips, resolveRev } from '../git/history.ts'
import type { Repo } from '../open.ts'
import { type Artifact, failureOf } from '../target/find.ts'
import { repoPath } from '../target/path.ts'
import { resolveTargets } from '../target/resolve.ts'
import { withoutArchived } from '../workspace/out-of-the-way.ts'

export interface WantedTarget extends Target {
  files: number
  /** How many artifacts of the workspace have this content. */
  pointers: number
  /** Of a model: what its pointer says of it. */
  checkpoint?: YamlMap
}

export interface Wanted {
  /** Each content once; with `files` for the report. */
  targets: WantedTarget[]
  /** Commits that need them. */
  commits: string[]
  failed: Failure[]
  /** Those of the workspace, where that is what it is about. */
  artifacts?: Artifact[]
}

/**
 * What a transfer is about: the workspace's pointers, or those of the revisions that were asked for. `parts`: where a path inside a
 * tracked directory is named, that alone.
 */
export async function wantedTargets(
  repo: Repo,
  names: readonly string[],
  options: TransferOptions,
  { parts = false }: { parts?: boolean } = {},
): Promise<Wanted> {
  if (repo.gitRoot === undefined) refuseRevisions(options)
  const revs = await revisions(repo, options)
  if (options.allCommits) {
    const { pointers, commits } = await pointersInCommits(repo, [], [], { all: true })
    return await fromGit(pointers, commits, filterOf(repo, names))
  }
  if (revs !== undefined) {
    refuseReleases(repo, names)
    const pointers = (await Promise.all(revs.map((rev) => pointersAt(repo, rev)))).flat()
    return await fromGit(pointers, revs, filterOf(repo, names))
  }
  const { targets: named, failed } = await resolveTargets(repo, names, { releases: true })
  // What is archived is sent with all else, and does not come back by itself.
  const targets = parts ? withoutArchived(repo, names, named) : named
  const head = await headCommit(repo)
  const artifacts = targets.flatMap(({ artifact, release }) => (release === undefined ? [artifact] : []))
  const commits = new Set(targets.map(({ release }) => release?.commit ?? head).filter((one) => one !== undefined))
  if (targets.length === 0 && head !== undefined) commits.add(head)
  const wanted: Wanted = { targets: [], commits: [...commits], failed, artifacts }
  const seen = new Map<string, WantedTarget>()
  for (const { artifact, inside } of targets) {
    const known = take(wanted, seen, artifact.pointer, artifact.path, parts ? inside : undefined)
    if (known !== undefined) known.pointers++
  }
  return wanted
}

/** Is more asked for than what the workspace's pointers name? Its content then goes into the cache only. */
export function asksForRevisions({ allBranches, allTags, allCommits, rev = [] }: TransferOptions): boolean {
  return Boolean(allBranches || allTags || allCommits) || rev.length > 0
}

/** The same, of what the workspace's pointers name. */
export function ofWorkspace(options: TransferOptions): TransferOptions {
  return { ...options, allBranches: false, allTags: false, allCommits: false, rev: [] }
}

function refuseRevisions(options: TransferOptions): void {
  if (!asksForRevisions(options)) return
  throw new ArtError('GIT', 'this repository is without git, so it has no branches, tags or commits', {
    hint: 'Leave them out: what the workspace names is transferred.',
  })
}

/** A release is of a commit already. */
function refuseReleases(repo: Repo, names: readonly string[]): void {
  const name = names.find((one) => versionReference(one) !== undefined)
  if (name === undefined || lstatSync(resolve(repo.cwd, name), { throwIfNoEntry: false }) !== undefined) return
  throw new ArtError('USAGE', 'a release says itself which commit it is of', {
    path: name,
    hint: 'Leave --rev and its like out.',
  })
}

async function revisions(repo: Repo, { allBranches, allTags, rev }: TransferOptions): Promise<string[] | undefined> {
  if (!allBranches && !allTags && (rev === undefined || rev.length === 0)) return undefined
  const commits = new Set<string>()
  for (const one of rev ?? []) commits.add(await resolveRev(repo, one))
  if (allBranches) for (const tip of await refTips(repo, 'heads')) commits.add(tip)
  if (allTags) for (const tip of await refTips(repo, 'tags')) commits.add(tip)
  return [...commits]
}

/** Which data paths of a revision are below what was named; all where nothing was. */
export function filterOf(repo: Repo, names: readonly string[]): (path: string) => boolean {
  const paths = names.map((name) => repoPath(repo, name))
  if (paths.length === 0 || paths.includes('')) return () => true
  return (path) =>
    paths.some(
      (wanted) =>
        path === wanted || `${path}.art` === wanted || path.startsWith(`${wanted}/`) || wanted.startsWith(`${path}/`),
    )
}

/** Targets of pointers that git holds. One that cannot be read is named and passed over. */
export async function fromGit(
  pointers: readonly GitPointer[],
  commits: string[],
  wants: (path: string) => boolean,
): Promise<Wanted> {
  const wanted: Wanted = { targets: [], commits, failed: [] }
  const seen = new Map<string, WantedTarget>()
  for (const { path, text } of pointers) {
    const dataPath = dataPathFor(path)
    if (!wants(dataPath)) continue
    try {
      take(wanted, seen, await parsePointer(text, { path }), dataPath)
    } catch (error) {
      wanted.failed.push(failureOf(error, path))
    }
  }
  return wanted
}

/** Returns the target that has the content already. */
function take(
  wanted: Wanted,
  seen: Map<string, WantedTarget>,
  pointer: Pointer,
  path: string,
  inside?: string,
): WantedTarget | undefined {
  const { kind, oid } = pointer
  const key = `${kind}-${oid}-${inside ?? ''}`
  const known = seen.get(key)
  if (known !== undefined) return known
  const target = { ...targetOf(pointer, path), ...(inside === undefined ? {} : { inside }) }
  seen.set(key, target)
  wanted.targets.push(target)
  return undefined
}

export function targetOf({ kind, oid, size, files = 1, checkpoint }: Pointer, path: string): WantedTarget {
  return { kind, oid, size, path, files, pointers: 1, ...(checkpoint === undefined ? {} : { checkpoint }) }
}
