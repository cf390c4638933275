/** Wrong use of the command line: exit 2. Looks like an ArtError, without loading the library that defines it. */
export class UsageError extends Error {
  readonly code = 'USAGE'
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.name = 'UsageError'
    this.hint = hint
  }
}
