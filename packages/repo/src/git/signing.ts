import { ArtError } from '@art/core'
import type { GitContext } from './run.ts'

/** The program that signs did not; `said` is what git said of it. */
export function notSigned(repo: GitContext, what: 'commit' | 'tag', said: string): ArtError {
  const trial = what === 'tag' ? 'git tag -s <name>' : 'git commit -S'
  return new ArtError('GIT', `git could not sign the ${what}: ${said}`, {
    path: repo.gitRoot,
    hint: `Nothing was changed. Try \`${trial}\`; \`git config --show-origin --get-regexp gpg\` tells where git is told to sign.`,
  })
}
