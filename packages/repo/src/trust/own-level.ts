import type { ConfigLevel } from '../config/level.ts'
import type { Repo } from '../open.ts'

/**
 * Is a setting of this level surely the user's own, or the administrator's? The committed file may be a stranger's. So may
 * `config.local.yaml` in a folder without git, which nobody can tell from one that was unpacked.
 */
export function isOwnLevel({ localIsOwn }: Pick<Repo, 'localIsOwn'>, level: ConfigLevel): boolean {
  return level === 'local' ? localIsOwn : level !== 'project' && level !== 'default'
}

/** Where the user can approve something for good, as a flag of `art config`. */
export function ownLevelFlag({ localIsOwn }: Pick<Repo, 'localIsOwn'>): string {
  return localIsOwn ? '--local' : '--global'
}
