import { ArtError, fromSystemError, isArtError } from '../error.ts'

/** Why an entry could not be written, by its own path: what it is made from and where has none, or one that says nothing to anybody. */
export function failureAt(target: string, error: unknown): ArtError {
  if (!isArtError(error, 'NOT_CACHED')) return fromSystemError(error, target)
  return new ArtError(error.code, error.message, { path: target, hint: error.hint, cause: error.cause })
}

export function nameCollision(path: string, cause?: unknown): ArtError {
  return new ArtError('NAME_COLLISION', 'another name of the directory is the same on this file system', {
    path,
    hint: 'Rename one of the two where names can differ in case, and push again.',
    cause,
  })
}

/** `what` is in the way: art does not remove it. */
export function inTheWay(path: string, what: string, cause?: unknown): ArtError {
  return new ArtError('WOULD_OVERWRITE', `${what} is in the way`, {
    path,
    hint: 'Move it away, then run the command again.',
    cause,
  })
}
