import { readdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { isArtError } from '@art/core'
import { dataPathFor, isPointerPath } from '@art/core/pointer/name.ts'
import type { CurrentFiles } from '@art/registry/files/make-files.ts'
import { summedUp, type ToldVersion, toldVersions } from '@art/registry/propose/told-versions.ts'
import { items, runGit } from '../git/run.ts'
import type { Repo } from '../open.ts'
import { shellWord } from '../shell-word.ts'
import { typedPath } from '../target/path.ts'
import { filesOfCommit } from './current-files.ts'
import type { Reasons } from './git-gates.ts'
import type { NamedModel } from './named-model.ts'

const NONE: CurrentFiles = { registry: undefined, page: undefined, metadata: new Map() }

/**
 * The highest version of a model that files of people tell of, before it has its first tag: its versions go on from there. Where nobody can tell which
 * one that is, or whether the content is that one, it is against a release.
 */
export async function toldGate(
  repo: Repo,
  model: NamedModel,
  head: string,
  reasons: Reasons,
): Promise<ToldVersion | undefined> {
  // What cannot be read is told where the files are made.
  const files = await filesOfCommit(repo, head).catch((error: unknown) => {
    if (isArtError(error)) return NONE
    throw error
  })
  const { highest, unclear } = summedUp(await toldVersions(model, files, await filesBeside(repo, model.path, head)))
  const run = (version: string): string => `\`art release ${shellWord(model.name)} --version ${version}\``
  if (unclear !== undefined) {
    reasons.push({
      path: typedPath(repo, unclear.from),
      message: `${typedPath(repo, unclear.from)} tells of ${model.name} ${unclear.text}, which is no semantic version, so the next one is not clear`,
      hint: `Say which it is, as in ${run('<X.Y.Z>')}.`,
    })
  } else if (highest?.from === model.path) {
    reasons.push({
      path: typedPath(repo, model.path),
      message: `the file itself is called ${highest.text}, so it may be that version or the next one`,
      hint: `Say which it is: ${run(highest.version!)}, or a higher one.`,
    })
  }
  return highest
}

/** Data in the folders where copies of versions lie: of the commit and of the workspace, tracked or not. */
async function filesBeside(repo: Repo, path: string, head: string): Promise<string[]> {
  const folder = posix.dirname(path)
  const paths = new Set<string>()
  for (const one of new Set([folder, posix.join(folder, 'archived'), 'models', 'models/archived'])) {
    const inside = one === '.' ? [] : [`${one}/`]
    const listed = await runGit(repo, ['--literal-pathspecs', 'ls-tree', '-z', '--name-only', head, ...inside])
    for (const found of [...items(listed), ...namesIn(join(repo.root, one)).map((name) => posix.join(one, name))])
      paths.add(isPointerPath(found) ? dataPathFor(found) : found)
  }
  return [...paths].sort()
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
