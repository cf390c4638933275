import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ArtError, fromSystemError } from '@art/core'
import { atomicWriteSync } from '@art/core/fs/atomic-write.ts'
import { formatScalar } from '@art/core/yaml/plain.ts'
import type { InitOptions, InitResult } from '../api.ts'
import { ensureAttributes } from '../git/attributes.ts'
import { findGit } from '../git/place.ts'
import { findRoot, realFolder } from '../open.ts'
import { refuseLink } from '../trust/link.ts'

/** Everything in `.art` belongs to this machine but the two files that say how to work with the repository. */
const PRIVATE = '/*\n!/.gitignore\n!/config.yaml\n'

/**
 * Makes the folder a repository. Fails with `ALREADY_A_REPOSITORY` inside one, with `GIT` outside git unless `git` is false, and with
 * `USAGE` below the top of the git repository unless `subdir` is set. `force` writes missing files of an existing repository anew.
 */
export async function init(options: InitOptions): Promise<InitResult> {
  const root = realFolder(options.cwd)
  const existing = findRoot(root)
  if (existing !== undefined && !(options.force && existing === root)) {
    throw new ArtError(
      'ALREADY_A_REPOSITORY',
      existing === root ? 'this is an art repository already' : 'this lies inside an art repository',
      {
        path: existing,
        hint:
          existing === root
            ? 'Nothing is left to do; `art status` shows what it holds.'
            : 'Work in that one, from any folder.',
      },
    )
  }
  const withGit = options.git ?? true
  if (withGit) checkGit(root, options)
  const artDir = join(root, '.art')
  refuseLink(artDir)
  try {
    mkdirSync(artDir, { recursive: true })
  } catch (error) {
    throw fromSystemError(error, artDir)
  }
  if (withGit) {
    atomicWriteSync(join(artDir, '.gitignore'), PRIVATE)
    ensureAttributes(join(root, '.gitattributes'))
  }
  // Last, because it is what makes the folder a repository: an init that was cut short can be repeated.
  if (existing === undefined) atomicWriteSync(join(artDir, 'config.yaml'), firstConfig(withGit))
  return { root, gitPaths: withGit ? ['.art/.gitignore', '.art/config.yaml', '.gitattributes'] : [] }
}

function checkGit(root: string, options: InitOptions): void {
  const git = findGit(root, options.environment ?? process.env)
  if (git === undefined) {
    throw new ArtError('GIT', 'this is no git repository', {
      path: root,
      hint: 'Run `git init` first, or use --no-git.',
    })
  }
  if (git.gitRoot === root || options.subdir) return
  throw new ArtError('USAGE', 'this is a folder inside a git repository', {
    path: root,
    hint: `Run it in ${git.gitRoot}, or use --subdir to keep this folder on its own.`,
  })
}

function firstConfig(withGit: boolean): string {
  const id = randomBytes(16).toString('hex')
  return `art: 1\nrepo: ${formatScalar(id)}\n${withGit ? '' : 'core:\n  no_git: true\n'}`
}
