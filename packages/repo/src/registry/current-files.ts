import { readdirSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { ArtError } from '@art/core'
import { readText } from '@art/core/fs/read-text.ts'
import type { CurrentFiles } from '@art/registry/files/make-files.ts'
import { isMetadataPath, isRegistryFile, MODELS_PAGE, REGISTRY_FILE } from '@art/registry/files/place.ts'
import { textsOfObjects } from '../git/files-at.ts'
import { gitPrefix } from '../git/line.ts'
import { excludedPaths } from '../git/excluded.ts'
import { items, runGit } from '../git/run.ts'
import type { Repo } from '../open.ts'
import { assertInside } from '../target/path.ts'

/** A registry of 20,000 releases. */
const MAX_BYTES = 16 << 20
const FOLDER = 'models'

/** The files as a commit has them. Fails with `PATH_UNSAFE` where a link or a folder stands in place of one, and with `CONFIG_INVALID` for one that is too large. */
export async function filesOfCommit(repo: Repo, commit: string, signal?: AbortSignal): Promise<CurrentFiles> {
  const listed = await runGit(repo, ['ls-tree', '-z', commit, MODELS_PAGE, FOLDER, `${FOLDER}/`], { signal })
  const found: Named[] = []
  for (const item of items(listed)) {
    const tab = item.indexOf('\t')
    const [mode, , object] = item.slice(0, tab).split(' ') as [string, string, string]
    const path = item.slice(tab + 1)
    if (path === FOLDER ? mode === '040000' : !isRegistryFile(path)) continue
    if (path === FOLDER || !mode.startsWith('100')) throw notAFile(path, mode === '120000')
    found.push([path, object])
  }
  return sorted(await textsOf(repo, found, signal))
}

/** A path, and what git knows its content by. */
type Named = [path: string, object: string]

async function textsOf(
  repo: Repo,
  named: readonly Named[],
  signal?: AbortSignal,
): Promise<[path: string, text: string][]> {
  const texts = await textsOfObjects(
    repo,
    named.map(([, object]) => object),
    { maxBytes: MAX_BYTES, signal },
  )
  return named.map(([path], at) => {
    const text = texts[at]
    if (text !== undefined) return [path, text]
    throw new ArtError('CONFIG_INVALID', 'the file is larger than 16 MiB, or no text', { path, hint: HINT })
  })
}

const HINT = 'Restore it from git, or shorten it.'

/**
 * The files as the workspace has them; those that a sparse checkout leaves out of it as the index does. `isWanted`: which metadata files, by their paths.
 * Fails as `filesOfCommit`.
 */
export async function filesOfWorkspace(
  repo: Repo,
  isWanted: (path: string) => boolean = () => true,
): Promise<CurrentFiles> {
  const found = new Map<string, string>()
  assertInside(repo, REGISTRY_FILE)
  for (const path of [MODELS_PAGE, REGISTRY_FILE, ...metadataIn(repo).filter(isWanted)]) {
    const text = textInWorkspace(repo, path)
    if (text !== undefined) found.set(path, text)
  }
  const excluded = (await excludedPaths(repo, [MODELS_PAGE, `${FOLDER}/`])).filter(isRegistryFile)
  const left = excluded.filter((path) => !found.has(path) && (!isMetadataPath(path) || isWanted(path)))
  const inIndex = left.map((path): Named => [path, `:${gitPrefix(repo)}${path}`])
  for (const [path, text] of await textsOf(repo, inIndex)) found.set(path, text)
  return sorted([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** undefined where there is none. Fails as `filesOfCommit`. */
export function textInWorkspace(repo: Repo, path: string): string | undefined {
  const absolute = join(repo.root, path)
  assertInside(repo, path)
  const stat = lstatSync(absolute, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  if (!stat.isFile()) throw notAFile(path, stat.isSymbolicLink())
  return readText(absolute, { max: MAX_BYTES, code: 'CONFIG_INVALID', path, hint: HINT })
}

function metadataIn(repo: Repo): string[] {
  const folder = join(repo.root, FOLDER)
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return []
  return readdirSync(folder)
    .map((name) => `${FOLDER}/${name}`)
    .filter(isMetadataPath)
    .sort()
}

function sorted(files: readonly (readonly [path: string, text: string])[]): CurrentFiles {
  const all = new Map(files)
  return {
    registry: all.get(REGISTRY_FILE),
    page: all.get(MODELS_PAGE),
    metadata: new Map(files.filter(([path]) => isMetadataPath(path))),
  }
}

function notAFile(path: string, isLink: boolean): ArtError {
  return new ArtError(
    'PATH_UNSAFE',
    `${isLink ? 'a symbolic link' : 'no file'} stands where art writes what is released`,
    {
      path,
      hint: 'Look at it, and put the file itself there, or remove it.',
    },
  )
}
