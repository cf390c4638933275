import { join, relative, sep } from 'node:path'
import { ArtError } from '@art/core'
import { indexFile, visitIndex } from '../git/index-file.ts'
import type { GitPlace } from '../git/place.ts'
import { items, runGit } from '../git/run.ts'

/** What of `.art` this machine alone writes. */
const OWN = ['config.local.yaml', 'cache', 'tmp', 'index']

const LINK = 0o120000

/**
 * Refuses a repository in which git tracks what only this machine should have: whoever committed it could approve things in the
 * user's name, or have files written through links. Fails with `PATH_UNSAFE`.
 */
export async function refuseTracked(root: string, git: GitPlace, environment: NodeJS.ProcessEnv): Promise<void> {
  const below = relative(git.gitRoot, root).split(sep).join('/')
  const folder = `${below === '' ? '' : `${below}/`}.art`
  const own = { root, environment, gitRoot: git.gitRoot, gitDir: git.gitDir }
  const found = trackedOf(git.gitDir, folder) ?? (await trackedByGit(own, folder))
  if (found === '') return
  throw new ArtError('PATH_UNSAFE', 'git tracks what only this machine should write', {
    path: join(git.gitRoot, found),
    hint: `Look at it; then take it out with \`git rm -r --cached\`, and delete it unless it is yours.`,
  })
}

/** The first such path; empty where there is none, and undefined where only git can tell. */
function trackedOf(gitDir: string, folder: string): string | undefined {
  let found = ''
  const behind = `${folder}0`
  const isRead = visitIndex(gitDir, indexFile(gitDir, {}), ({ name, mode }) => {
    if (isForeign(name, mode, folder)) found = name
    return found === '' && name < behind
  })
  return isRead || found !== '' ? found : undefined
}

async function trackedByGit(repo: Parameters<typeof runGit>[0], folder: string): Promise<string> {
  const answer = await runGit(repo, ['--icase-pathspecs', 'ls-files', '-s', '-z', '--full-name', '--', '.art'])
  for (const item of items(answer)) {
    const tab = item.indexOf('\t')
    const name = item.slice(tab + 1)
    if (isForeign(name, Number.parseInt(item, 8), folder)) return name
  }
  return ''
}

/** Also where the file system takes capitals for small letters. `folder` itself is a link or a submodule, if git tracks it. */
function isForeign(name: string, mode: number, folder: string): boolean {
  if (name.length < folder.length || name.slice(0, folder.length).toLowerCase() !== folder.toLowerCase()) return false
  if (name.length === folder.length) return true
  if (name[folder.length] !== '/') return false
  const first = name
    .slice(folder.length + 1)
    .split('/', 1)[0]!
    .toLowerCase()
  return OWN.includes(first) || (mode === LINK && first === 'config.yaml')
}
