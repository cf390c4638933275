import type { Flags, Input } from './spec.ts'

/** Understood by every command, in any position before `--`. */
export const GLOBAL_FLAGS = {
  C: { type: 'string', value: 'dir', describe: 'run as if started in <dir>', complete: 'path' },
  quiet: { type: 'boolean', alias: 'q', describe: 'no progress and no summary; errors only' },
  verbose: { type: 'boolean', alias: 'v', describe: 'every request and file, stack traces of errors' },
  json: { type: 'boolean', describe: 'one JSON document on stdout; an error as JSON on stderr' },
  progress: { type: 'boolean', negated: true, describe: 'no progress' },
  color: { type: 'string', value: 'when', choices: ['auto', 'always', 'never'], describe: 'colours (NO_COLOR counts)' },
  help: { type: 'boolean', alias: 'h', describe: 'help for a command' },
} as const satisfies Flags

export type GlobalFlags = Input<typeof GLOBAL_FLAGS>['flags']
