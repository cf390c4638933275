import type { Flags, Input } from './spec.ts'

/** Understood by every command, in any position before `--`. */
export const GLOBAL_FLAGS = {
  C: { type: 'string', value: 'dir', describe: 'run as if started in <dir>', complete: 'path' },
  quiet: { type: 'boolean', alias: 'q', describe: 'errors only' },
  verbose: { type: 'boolean', alias: 'v', describe: 'requests, whole lists, stack traces' },
  json: { type: 'boolean', describe: 'one JSON document; an error as JSON too' },
  progress: { type: 'boolean', negated: true, describe: 'no progress line' },
  color: {
    type: 'string',
    value: 'when',
    choices: ['auto', 'always', 'never'],
    describe: 'NO_COLOR counts',
  },
  help: { type: 'boolean', alias: 'h', describe: 'help for a command' },
} as const satisfies Flags

export type GlobalFlags = Input<typeof GLOBAL_FLAGS>['flags']
