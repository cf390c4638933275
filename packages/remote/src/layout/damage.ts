import { type ArtError, isArtError } from '@art/core'

/** A push looks whether objects are there and how large they are, and not into them: what is damaged must go before it is sent again. */
export const AGAIN = 'Delete that object from the remote, then run `art push` in a clone that has the data.'

/** What the remote lacks whole. */
export const PUSH_IT = 'Push it from a clone that has it, or add the data again.'

/**
 * Bytes came that are not what they should be, on their way or where they lie, or that only a newer art knows: a flipped bit can look like
 * that. What needs them fails, and nothing else.
 */
export function isDamage(error: unknown): boolean {
  return isArtError(error, 'CORRUPT') || isArtError(error, 'REMOTE_DAMAGED') || isArtError(error, 'UNSUPPORTED')
}

const NEWER = 'of a newer art, or damaged'

/** What is wrong with an object, as one line that `adviceFor` understands. */
export function reasonFor({ code, message }: ArtError): string {
  return code === 'UNSUPPORTED' ? `${message} (${NEWER})` : message
}

/** What to do about an object of the remote that a line of `reasonFor` is about. */
export function adviceFor(reason: string): string {
  return reason.includes(NEWER) ? `Update art. Where it is the newest: ${AGAIN.replace(/^D/, 'd')}` : AGAIN
}

/** What does not check is read once more: only then is the remote to blame. */
export async function readTwice<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!isDamage(error) && !isArtError(error, 'REMOTE_FEATURE')) throw error
    return await read()
  }
}
