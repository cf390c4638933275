/** Wrong use of the command line: exit 2. Looks like an ArtError, without loading the library that defines it. */
export class UsageError extends Error {
  readonly code = 'USAGE'
  readonly hint: string

  constructor(message: string, hint = 'Run the command with --help for its flags.') {
    super(message)
    this.name = 'UsageError'
    this.hint = hint
  }
}
