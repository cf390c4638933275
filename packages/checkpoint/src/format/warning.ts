/** A file from a stranger can give cause for millions. */
const WARNINGS_MAX = 1_000

/** Adds to a reader's warnings, up to a number that a person might still read. */
export function warn(warnings: string[], message: string): void {
  if (warnings.length < WARNINGS_MAX) warnings.push(message)
  else if (warnings.length === WARNINGS_MAX) warnings.push('there are more warnings, which are left out')
}
