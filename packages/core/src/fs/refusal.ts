import { ArtError, fromSystemError, isArtError } from '../error.ts'

export function changedWhileRead(path: string): ArtError {
  return new ArtError('CHANGED_WHILE_READ', 'the file changed while it was read', {
    path,
    hint: 'Wait until whatever writes it is done, then run the command again.',
    retryable: true,
  })
}

export function notAFile(path: string): ArtError {
  return new ArtError('UNSUPPORTED', 'neither a file, a folder nor a symbolic link', {
    path,
    hint: 'Remove it, or name it in .artignore.',
  })
}

/** An error with the path that it is about, unless it names one. */
export function failureAt(path: string, error: unknown): ArtError {
  if (!isArtError(error) || error.path !== undefined) return fromSystemError(error, path)
  return new ArtError(error.code, error.message, { path, hint: error.hint, cause: error.cause })
}
