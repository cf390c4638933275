import { ArtError } from '../error.ts'

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
