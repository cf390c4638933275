import type { Repo } from '@art/repo/open.ts'
import type { StageMove } from '@art/repo/stage-api.ts'
import { typedPath } from '@art/repo/target/path.ts'
import { given, pathsFromHere } from './repository.ts'
import { UsageError } from '../usage-error.ts'
import type { Flags, Operand } from './spec.ts'

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

/** The last operand of what sends something to a git remote. */
export const GIT_REMOTE = {
  name: 'remote',
  describe: 'with --push: another git remote than git would push to',
  optional: true,
  flag: 'push',
} as const satisfies Operand

/** Where it is to be sent. Fails with a usage error for a remote to which nothing is to be sent. */
export function pushOption(push: boolean | undefined, gitRemote: string | undefined): boolean | string | undefined {
  if (gitRemote !== undefined && push !== true)
    throw new UsageError('a git remote says where to send it, and that was not asked for', 'Add --push.')
  return push && (gitRemote ?? true)
}

export function moveOptions(
  flags: {
    reason?: string | undefined
    commit?: boolean | undefined
    push?: boolean | undefined
    'dry-run'?: boolean | undefined
  },
  gitRemote: string | undefined,
) {
  const { reason, commit } = flags
  return given({ reason, commit, push: pushOption(flags.push, gitRemote), dryRun: flags['dry-run'] })
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
