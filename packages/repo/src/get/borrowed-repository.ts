import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, resolve } from 'node:path'
import { ArtError } from '@art/core'
import { dataPathFor, isPointerPath } from '@art/core/pointer/name.ts'
import { openYaml, readYaml } from '@art/core/yaml/document.ts'
import { MODELS_FILE } from '@art/registry/models-file/models-file.ts'
import { loadConfig } from '../config/config.ts'
import { isLocalPath } from '../config/value.ts'
import { readPointers } from '../git/blob.ts'
import { type GitContext, items, runGit } from '../git/run.ts'
import type { Repo } from '../open.ts'
import type { GetSource } from './source.ts'

const CONFIG = '.art/config.yaml'

/** Where in a commit art's repository is: the nearest folder upwards with a configuration. */
export async function rootIn(
  git: GitContext,
  commit: string,
  prefix: string,
  anywhere: boolean,
  name: string,
): Promise<string> {
  for (let at = prefix; ; at = posix.dirname(at)) {
    const root = at === '.' ? '' : at
    if ((await blobAt(git, commit, posix.join(root, CONFIG))) !== undefined) return root
    if (root === '') break
  }
  const listed = anywhere ? items(await runGit(git, ['ls-tree', '-r', '-z', '--name-only', commit])) : []
  const roots = listed.filter((path) => path.endsWith(`/${CONFIG}`)).map((path) => path.slice(0, -CONFIG.length - 1))
  if (roots.length === 1) return roots[0]!
  throw new ArtError(
    'NOT_A_REPOSITORY',
    roots.length === 0 ? 'this is no repository of art' : `it has ${roots.length} repositories of art`,
    {
      path: name,
      hint: roots.length === 0 ? `It has no ${CONFIG} there.` : `Write the release as in \`${roots[0]}:name@v1.0.0\`.`,
    },
  )
}

/** Git's own name of a regular file's text. */
async function blobAt(git: GitContext, commit: string, path: string): Promise<string | undefined> {
  const [item = ''] = items(await runGit(git, ['--literal-pathspecs', 'ls-tree', '-z', commit, '--', path]))
  return /^100(?:644|755) blob ([0-9a-f]+)\t/.exec(item)?.[1]
}

/** A text of a commit, relative to a repository's root; undefined where it has no regular file of that name, empty where that is too large. */
export async function textIn(git: GitContext, commit: string, path: string): Promise<string | undefined> {
  const blob = await blobAt(git, commit, path)
  return blob === undefined ? undefined : (await readPointers(git, [{ path, blob }]))[0]!.text
}

/** The data paths of all pointers of a commit. */
export async function dataPathsIn(git: GitContext, commit: string): Promise<string[]> {
  const paths = items(await runGit(git, ['ls-tree', '-r', '-z', '--name-only', commit]))
  return paths.filter(isPointerPath).map(dataPathFor)
}

/** A repository of a stranger: nothing of it is this user's own, and the settings are those of its commit. */
export async function repositoryIn(
  git: GitContext,
  folder: string,
  commit: string,
  prefix: string,
  source: GetSource,
  environment: NodeJS.ProcessEnv,
): Promise<Repo> {
  const root = join(folder, prefix)
  for (const file of [CONFIG, MODELS_FILE]) {
    const text = await textIn(git, commit, posix.join(prefix, file))
    if (text === undefined) continue
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), file === CONFIG ? await withAbsolutePlaces(text, source, prefix) : text)
  }
  const artDir = join(root, '.art')
  const config = await loadConfig({ artDir, cwd: root, environment })
  return {
    root,
    artDir,
    cacheDir: join(artDir, 'cache'),
    tmpDir: join(artDir, 'tmp'),
    indexDir: join(artDir, 'index'),
    cwd: root,
    prefix: '',
    repoId: config.repoId ?? '',
    config,
    gitRoot: folder,
    gitDir: join(folder, '.git'),
    ...(git.gitSignal && { gitSignal: git.gitSignal }),
    localIsOwn: false,
    environment,
  }
}

/** A relative place in the configuration starts in that repository's own folder: it is known for one on this machine only. */
async function withAbsolutePlaces(text: string, { top }: GetSource, prefix: string): Promise<string> {
  const source = { code: 'CONFIG_INVALID', path: CONFIG } as const
  const remotes = (await readYaml(text, source)).get('remote')
  if (top === undefined || !(remotes instanceof Map)) return text
  const document = await openYaml(text, source)
  for (const [name, remote] of remotes) {
    const url = remote instanceof Map ? remote.get('url') : undefined
    if (typeof url === 'string' && isLocalPath(url))
      document.setIn(['remote', name, 'url'], resolve(top, prefix, '.art', url))
  }
  return document.toString()
}
