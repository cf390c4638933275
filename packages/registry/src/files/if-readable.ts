import { isArtError } from '@art/core'

/** What `read` finds in a text; undefined where that cannot be read, so that it tells nothing. */
export function ifReadable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (isArtError(error)) return undefined
    throw error
  }
}
