import type { ArtEvent } from '@art/core'
import type { Failure } from '@art/repo/api.ts'
import type { View } from '../render/view.ts'

/** What completion offers for a value or an operand. */
/** `target`: artifacts and releases; `model`: files too. `name`: of models that have or may get versions; `release`: these and their versions. */
export type Completes =
  | 'path'
  | 'artifact'
  | 'target'
  | 'model'
  | 'name'
  | 'release'
  | 'stage'
  | 'remote'
  | 'key'
  | 'revision'

export interface FlagSpec {
  readonly type: 'boolean' | 'string' | 'list' | 'number'
  readonly describe: string
  /** The one-letter form. */
  readonly alias?: string
  /** What the value is called in help. */
  readonly value?: string
  readonly choices?: readonly string[]
  readonly complete?: Completes
  /** Title in help, where it stands with others of its kind. */
  readonly group?: string
  /** A boolean that is on by default, so that help shows its `--no-` form. */
  readonly negated?: true
}

export type Flags = Readonly<Record<string, FlagSpec>>

export interface Operand {
  readonly name: string
  readonly describe: string
  readonly optional?: true
  readonly many?: true
  /** It goes with this flag alone. */
  readonly flag?: string
  readonly choices?: readonly string[]
  readonly complete?: Completes
}

type Value<F extends FlagSpec> = FlagSpec extends F
  ? string | number | boolean | string[]
  : F['type'] extends 'boolean'
    ? boolean
    : F['type'] extends 'number'
      ? number
      : F['type'] extends 'list'
        ? string[]
        : F extends { choices: readonly (infer Choice)[] }
          ? Choice
          : string

export interface Input<F extends Flags> {
  readonly flags: { readonly [K in keyof F]?: Value<F[K]> | undefined }
  readonly operands: readonly string[]
  /** How many of the operands stood before `--`; undefined without one. */
  readonly beforeDashes?: number
}

/** What a command may use of the process that runs it. */
export interface Context {
  readonly cwd: string
  readonly quiet: boolean
  readonly verbose: boolean
  readonly signal: AbortSignal
  readonly onEvent: (event: ArtEvent) => void
  /** All of stdin. */
  readonly readStdin: () => Promise<Buffer>
}

export interface Outcome {
  /** What `--json` prints. */
  readonly document: object
  /** What people read: lines without a trailing newline; empty for nothing. */
  readonly text: (view: View) => string
  /** What was not done, each named; not empty means exit 1. */
  readonly failed?: readonly Failure[]
  readonly exitCode?: number
  /** Printed even with `-q`: the result is all that the command is for. */
  readonly always?: true
}

export interface Command {
  readonly operands: readonly Operand[]
  readonly flags: Flags
  /** Paragraphs below the summary. */
  readonly details?: string
  readonly examples: readonly (readonly [command: string, what: string])[]
  run(context: Context, input: Input<Flags>): Promise<Outcome>
}

/** A command whose `run` knows the types of its own flags. */
export function defineCommand<const F extends Flags>(
  command: Omit<Command, 'flags' | 'run'> & { flags: F; run(context: Context, input: Input<F>): Promise<Outcome> },
): Command {
  return command
}
