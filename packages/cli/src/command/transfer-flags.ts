import type { TransferOptions } from '@art/repo/api.ts'
import { remoteFlag } from './remote-flag.ts'
import { callOptions, given } from './repository.ts'
import type { Context, Flags, Input } from './spec.ts'

const REVISIONS = 'Not the pointers of the workspace, but'

/** What `push`, `pull` and `fetch` share. */
export const TRANSFER_FLAGS = {
  remote: remoteFlag('another remote than the default'),
  jobs: { type: 'number', alias: 'j', value: 'n', describe: 'requests at a time' },
  'all-branches': { type: 'boolean', alias: 'a', group: REVISIONS, describe: 'of every branch' },
  'all-tags': { type: 'boolean', alias: 'T', group: REVISIONS, describe: 'of every tag' },
  'all-commits': { type: 'boolean', alias: 'A', group: REVISIONS, describe: 'of any commit' },
  rev: { type: 'list', value: 'rev', complete: 'revision', group: REVISIONS, describe: 'of this; may be repeated' },
  'dry-run': { type: 'boolean', alias: 'n', describe: 'only list what would travel' },
} as const satisfies Flags

export const TARGETS = [
  {
    name: 'target',
    describe: 'data, pointers, folders, releases or globs; everything by default',
    optional: true,
    many: true,
    complete: 'target',
  },
] as const

export function transferOptions(context: Context, flags: Input<typeof TRANSFER_FLAGS>['flags']): TransferOptions {
  const { remote, jobs, rev } = flags
  return {
    ...callOptions(context),
    ...given({
      remote,
      jobs,
      rev,
      allBranches: flags['all-branches'],
      allTags: flags['all-tags'],
      allCommits: flags['all-commits'],
      dryRun: flags['dry-run'],
    }),
  }
}
