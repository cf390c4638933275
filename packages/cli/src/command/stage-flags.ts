import type { Repo } from '@art/repo/open.ts'
import type { StageMove } from '@art/repo/registry-api.ts'
import { typedPath } from '@art/repo/target/path.ts'
import { given, pathsFromHere } from './repository.ts'
import type { Flags } from './spec.ts'

/** Of every command that moves a stage. */
export const MOVE_FLAGS = {
  reason: { type: 'string', value: 'text', describe: 'why: it stands in the tag and in the history' },
  commit: {
    type: 'boolean',
    negated: true,
    describe: 'make the tag alone; `art models --fix` writes the files later',
  },
  push: { type: 'boolean', describe: 'send branch and tag to the git remote, all or nothing' },
  'dry-run': { type: 'boolean', alias: 'n', describe: 'only say what would be done' },
} as const satisfies Flags

export function moveOptions(flags: {
  reason?: string | undefined
  commit?: boolean | undefined
  push?: boolean | undefined
  'dry-run'?: boolean | undefined
}) {
  const { reason, commit, push } = flags
  return given({ reason, commit, push, dryRun: flags['dry-run'] })
}

/** People and scripts speak of paths from where they are. */
export function moveFromHere<T extends StageMove & { path?: string | null }>(repo: Repo, result: T): T {
  const { path, files, left } = result
  return {
    ...result,
    ...(typeof path === 'string' && { path: typedPath(repo, path) }),
    files: pathsFromHere(repo, files),
    left: pathsFromHere(repo, left),
  }
}
