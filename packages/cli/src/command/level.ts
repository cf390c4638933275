import type { FileLevel } from '@art/repo/config/level.ts'
import { UsageError } from '../usage-error.ts'
import type { Flags, Input } from './spec.ts'

/** Which file a setting is read from or written to. */
export const LEVEL_FLAGS = {
  system: { type: 'boolean', group: 'Which file', describe: 'for every user of this machine' },
  global: { type: 'boolean', group: 'Which file', describe: 'for you, in every repository' },
  project: { type: 'boolean', group: 'Which file', describe: 'for everyone: .art/config.yaml (the default)' },
  local: { type: 'boolean', group: 'Which file', describe: 'for this clone: .art/config.local.yaml' },
} as const satisfies Flags

export function levelOf(flags: Input<typeof LEVEL_FLAGS>['flags']): FileLevel | undefined {
  const chosen = (['system', 'global', 'project', 'local'] as const).filter((level) => flags[level])
  if (chosen.length > 1) throw new UsageError(`--${chosen[0]} and --${chosen[1]} exclude each other`)
  return chosen[0]
}
