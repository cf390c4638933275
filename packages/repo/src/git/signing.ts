import { ArtError } from '@art/core'
import type { GitContext } from './run.ts'

/** The program that signs did not; `error` is what git said. */
export function notSigned(repo: GitContext, what: 'commit' | 'tag', error: unknown): ArtError {
  const trial = what === 'tag' ? 'git tag -s <name>' : 'git commit -S'
  return new ArtError('GIT', `git could not sign the ${what}: ${(error as Error).message}`, {
    path: repo.gitRoot,
    hint: `Nothing was changed. Try \`${trial}\`; \`git config --show-origin --get-regexp gpg\` tells where git is told to sign.`,
    cause: error,
  })
}
