import { isArtError } from '@art/core'

/** A push looks whether objects are there and how large they are, and not into them: what is damaged must go before it is sent again. */
export const AGAIN = 'Delete that object from the remote, then run `art push` in a clone that has the data.'

/** Bytes came that are not what they should be: on their way, or where they lie. */
export function isDamage(error: unknown): boolean {
  return isArtError(error, 'CORRUPT') || isArtError(error, 'REMOTE_DAMAGED')
}

/** What does not check is read once more: only then is the remote to blame. A flipped bit can look like a newer version too. */
export async function readTwice<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!isDamage(error) && !isArtError(error, 'UNSUPPORTED') && !isArtError(error, 'REMOTE_FEATURE')) throw error
    return await read()
  }
}
