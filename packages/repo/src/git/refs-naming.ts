import { posix } from 'node:path'
import { gitPrefix, shortName } from './line.ts'
import { branchOrNone } from './publish.ts'
import type { Repo } from '../open.ts'
import { runGit } from './run.ts'

/** A version of a file: its path relative to the repository's root, and git's name of its text. */
export interface NamedBlob {
  path: string
  blob: string
}

/**
 * Other branches and tags whose trees have these very files: by short name, which of the paths. The current branch, and what follows it at a git remote, are
 * left out. A few git processes, however many references there are.
 */
export async function refsNaming(repo: Repo, files: readonly NamedBlob[]): Promise<Map<string, string[]>> {
  // What a line of input cannot hold is nowhere else, as far as this tells.
  const wanted = files.filter(({ path }) => !path.includes('\n'))
  const tips = wanted.length === 0 ? [] : await otherTips(repo)
  const commits = [...new Set(tips.map(({ commit }) => commit))]
  const folders = [...new Set(wanted.map(({ path }) => posix.dirname(path)))]
  const byFolder = new Map(
    folders.map((folder) => [folder, wanted.filter(({ path }) => posix.dirname(path) === folder)]),
  )
  const places = commits.flatMap((commit) => folders.map((folder) => ({ commit, folder })))
  const trees = await objectNames(
    repo,
    places.map(({ commit, folder }) => treeName(commit, gitPrefix(repo) + (folder === '.' ? '' : folder))),
  )
  // Most commits have a folder as another commit has it.
  const distinct = [
    ...new Set(places.flatMap(({ folder }, i) => (trees[i] === undefined ? [] : [`${trees[i]} ${folder}`]))),
  ]
  const asked = distinct.flatMap((key) => {
    const at = key.indexOf(' ')
    return byFolder
      .get(key.slice(at + 1))!
      .map((file) => ({ key, file, name: `${key.slice(0, at)}:${posix.basename(file.path)}` }))
  })
  const blobs = await objectNames(
    repo,
    asked.map(({ name }) => name),
  )
  const named = new Map<string, string[]>()
  for (const [i, { key, file }] of asked.entries()) if (blobs[i] === file.blob) push(named, key, file.path)
  const byCommit = new Map<string, string[]>()
  for (const [i, { commit, folder }] of places.entries())
    for (const path of named.get(`${trees[i]} ${folder}`) ?? []) push(byCommit, commit, path)
  const refs = new Map<string, string[]>()
  for (const { name, commit } of tips) {
    const paths = byCommit.get(commit)
    if (paths !== undefined) refs.set(name, paths)
  }
  return refs
}

function treeName(commit: string, folder: string): string {
  return `${commit}:${folder.replace(/\/$/, '')}`
}

function push(map: Map<string, string[]>, key: string, value: string): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, [value])
  else known.push(value)
}

async function otherTips(repo: Repo): Promise<{ name: string; commit: string }[]> {
  const branch = shortName((await branchOrNone(repo)) ?? '')
  const fields = '%(refname)%00%(refname:short)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)'
  const { stdout } = await runGit(repo, [
    'for-each-ref',
    `--format=${fields}`,
    'refs/heads/',
    'refs/tags/',
    'refs/remotes/',
  ])
  return stdout
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      const [ref = '', name = '', type, object = '', peeledType, peeled = ''] = line.split('\0')
      const commit = type === 'commit' ? object : peeledType === 'commit' ? peeled : ''
      const own =
        ref === `refs/heads/${branch}` || (ref.startsWith('refs/remotes/') && /[^/]+\/(.*)$/.exec(name)?.[1] === branch)
      return commit === '' || own || (ref.startsWith('refs/remotes/') && ref.endsWith('/HEAD'))
        ? []
        : [{ name, commit }]
    })
}

/** Git's name of each object; undefined for what is not there. */
async function objectNames(repo: Repo, names: readonly string[]): Promise<(string | undefined)[]> {
  if (names.length === 0) return []
  const { stdout } = await runGit(repo, ['cat-file', '--batch-check=%(objectname)'], {
    input: names.map((name) => `${name}\n`).join(''),
  })
  const lines = stdout.toString('utf8').split('\n')
  return names.map((_, i) => (/^[0-9a-f]{40,64}$/.test(lines[i] ?? '') ? lines[i] : undefined))
}
