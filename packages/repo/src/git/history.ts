import { ArtError } from '@art/core'
import { isPointerPath } from '@art/core/pointer/name.ts'
import { type GitPointer, readPointers } from './blob.ts'
import { type GitContext, items, refuseOption, runGit } from './run.ts'

const REGULAR = /^100(?:644|755)$/

/** The pointers in a commit's tree, below the repository's root. */
export async function pointersAt(repo: GitContext, rev: string): Promise<GitPointer[]> {
  return readPointers(repo, await listTree(repo, await resolveRev(repo, rev)))
}

/**
 * Every version of a pointer that some commit names which is reachable from `revs` but not from `exclude`, and those commits.
 * A version that only excluded commits name is left out. With `all`, every ref is a start.
 */
export async function pointersInCommits(
  repo: GitContext,
  revs: readonly string[],
  exclude: readonly string[] = [],
  options: { all?: boolean } = {},
): Promise<{ commits: string[]; pointers: GitPointer[] }> {
  if (repo.gitRoot === undefined || (revs.length === 0 && !options.all)) return { commits: [], pointers: [] }
  const { stdout } = await runGit(
    repo,
    ['rev-list', '--parents', '--ignore-missing', ...(options.all ? ['--all'] : []), '--stdin'],
    {
      input: [...revs.map(refuseOption), ...exclude.map((rev) => `^${refuseOption(rev)}`)]
        .map((line) => `${line}\n`)
        .join(''),
    },
  )
  const parents = new Map<string, string[]>()
  for (const line of stdout.toString('latin1').split('\n')) {
    const [commit, ...above] = line.split(' ')
    if (commit) parents.set(commit, above)
  }
  const found = new Map<string, { path: string; blob: string }>()
  const keep = (path: string, blob: string) => found.set(`${blob} ${path}`, { path, blob })
  // A version in some commit's tree is in a head's tree, or a later commit of these replaced it.
  const inner = new Set([...parents.values()].flat())
  for (const head of parents.keys()) {
    if (!inner.has(head)) for (const { path, blob } of await listTree(repo, head)) keep(path, blob)
  }
  for (const change of await changes(repo, parents)) {
    if (REGULAR.test(change.newMode)) keep(change.path, change.newBlob)
    if (change.parent !== undefined && parents.has(change.parent) && REGULAR.test(change.oldMode))
      keep(change.path, change.oldBlob)
  }
  return { commits: [...parents.keys()], pointers: await readPointers(repo, [...found.values()]) }
}

interface Change {
  parent: string | undefined
  path: string
  oldMode: string
  newMode: string
  oldBlob: string
  newBlob: string
}

/** Differences of pointers between each commit and each of its parents. */
async function changes(repo: GitContext, parents: ReadonlyMap<string, string[]>): Promise<Change[]> {
  const pairs: { commit: string; parent: string | undefined }[] = []
  for (const [commit, above] of parents) {
    for (const parent of above.length === 0 ? [undefined] : above) pairs.push({ commit, parent })
  }
  if (pairs.length === 0) return []
  const answer = await runGit(
    repo,
    [
      'diff-tree',
      '--stdin',
      '--always',
      '--root',
      '-r',
      '--raw',
      '-z',
      '--no-renames',
      '--no-abbrev',
      '--relative',
      '--',
      '*.art',
    ],
    { input: pairs.map(({ commit, parent }) => `${commit}${parent === undefined ? '' : ` ${parent}`}\n`).join('') },
  )
  const found: Change[] = []
  let pair = -1
  const parts = items(answer)
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!
    if (!part.startsWith(':')) {
      pair++
      continue
    }
    const [oldMode, newMode, oldBlob, newBlob] = part.slice(1).split(' ') as [string, string, string, string]
    const path = parts[++i]!
    if (isPointerPath(path)) found.push({ parent: pairs[pair]?.parent, path, oldMode, newMode, oldBlob, newBlob })
  }
  return found
}

/** The full name of a commit. Fails with `GIT`. */
export async function resolveRev(repo: GitContext, rev: string): Promise<string> {
  const commit = await findRev(repo, rev)
  if (commit !== undefined) return commit
  throw new ArtError('GIT', `git knows no commit ${JSON.stringify(rev)}`, {
    path: rev,
    hint: 'Check the name, or fetch it.',
  })
}

/** undefined where no such commit is known here. */
export async function findRev(repo: GitContext, rev: string): Promise<string | undefined> {
  if (repo.gitRoot === undefined) return undefined
  const answer = await runGit(repo, ['rev-parse', '--verify', '--quiet', `${refuseOption(rev)}^{commit}`], {
    codes: [0, 1, 128],
  })
  return answer.code === 0 ? answer.stdout.toString('latin1').trim() : undefined
}

/** undefined before the first commit, and without git. */
export async function headCommit(repo: GitContext): Promise<string | undefined> {
  return findRev(repo, 'HEAD')
}

/** The commits that branches, tags, or the tracked branches of a git remote point at. */
export async function refTips(repo: GitContext, kind: 'heads' | 'tags' | `remotes/${string}`): Promise<string[]> {
  if (repo.gitRoot === undefined) return []
  const format = '%(objecttype) %(objectname) %(*objecttype) %(*objectname)'
  const { stdout } = await runGit(repo, ['for-each-ref', `--format=${format}`, `refs/${kind}/`])
  const tips = new Set<string>()
  for (const line of stdout.toString('latin1').split('\n')) {
    const [type, name, peeledType, peeled] = line.split(' ')
    if (type === 'commit') tips.add(name!)
    else if (peeledType === 'commit') tips.add(peeled!)
  }
  return [...tips]
}

async function listTree(repo: GitContext, commit: string): Promise<{ path: string; blob: string }[]> {
  const found: { path: string; blob: string }[] = []
  for (const item of items(await runGit(repo, ['ls-tree', '-r', '-z', commit]))) {
    const tab = item.indexOf('\t')
    const [mode, , blob] = item.slice(0, tab).split(' ')
    const path = item.slice(tab + 1)
    if (REGULAR.test(mode!) && isPointerPath(path)) found.push({ path, blob: blob! })
  }
  return found
}
