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

/** A repository with a commit that `FILES` change, and code beside them. */
export async function repositoryToPublishIn(): Promise<TemporaryRepo> {
  const made = await TemporaryRepo.create()
  made.write('MODELS.md', 'old\n')
  made.write('gone.yaml', 'x\n')
  made.write('code.py', 'one\n')
  made.commit('first')
  return made
}

/** Everything that refers to something, with what. */
export function references(made: TemporaryRepo): string {
  return made.git('for-each-ref', '--format=%(refname) %(objectname)')
}
