import { ArtError } from '@art/core'
import type { CurrentFiles } from '@art/registry/files/make-files.ts'
import { tellsOfReleases } from '@art/registry/files/own-traces.ts'
import { runGit } from '../git/run.ts'
import type { Repo } from '../open.ts'
import type { Registry } from './open.ts'

/**
 * Tags cannot be compared with files in a clone that may lack some. Fails with `GIT` in a shallow clone, and where files tell of releases while
 * there is no tag of one.
 */
export async function requireTags(repo: Repo, { ledger, models }: Registry, files: CurrentFiles): Promise<void> {
  const told = await tellsOfReleases(files)
  const { stdout } = await runGit(repo, ['rev-parse', '--is-shallow-repository'])
  const isShallow = stdout.toString('latin1').trim() === 'true'
  if (isShallow && (told || ledger.size > 0 || models.size > 0)) {
    throw new ArtError('GIT', 'this is a shallow clone, which cannot tell which tags HEAD reaches', {
      path: repo.root,
      hint: 'Run `git fetch --unshallow --tags`; in CI, let the checkout fetch all history and tags.',
    })
  }
  if (told && ledger.size === 0) {
    throw new ArtError('GIT', 'files tell of releases, and this clone has no tags', {
      path: repo.root,
      hint: 'Run `git fetch --tags`; in CI, let the checkout fetch tags.',
    })
  }
}
