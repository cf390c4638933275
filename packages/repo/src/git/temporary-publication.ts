import { afterEach, beforeEach } from 'vitest'
import type { Repo } from '../open.ts'
import { TemporaryRepo } from '../temporary-repo.ts'

/** One file that changes, one that comes, one that goes. */
export const FILES = [
  { path: 'MODELS.md', text: 'new\n' },
  { path: 'models/registry.json', text: '{}\n' },
  { path: 'gone.yaml', text: undefined },
]

export const RELEASE = {
  files: FILES,
  message: 'Release net 1.0.0',
  tags: [{ name: 'net@v1.0.0', message: 'net 1.0.0\n\nart: 1' }],
}

/** For files that say `eachPublication`: a repository with a commit that `FILES` change, and code beside them. */
export let made: TemporaryRepo
export let repo: Repo

/** Every test of the file publishes in a repository of its own. */
export function eachPublication(): void {
  beforeEach(async () => {
    made = await TemporaryRepo.create()
    made.write('MODELS.md', 'old\n')
    made.write('gone.yaml', 'x\n')
    made.write('code.py', 'one\n')
    made.commit('first')
    repo = await made.open()
  })
  afterEach(() => made.remove())
}

/** Everything that refers to something, with what. */
export function references(): string {
  return made.git('for-each-ref', '--format=%(refname) %(objectname)')
}
