import { ArtError, fromSystemError } from '@art/core'

const UNAVAILABLE = new Set(['ESTALE', 'ETIMEDOUT', 'EHOSTDOWN', 'ENOTCONN', 'EAGAIN', 'EBUSY', 'EMFILE', 'ENFILE'])

/** What a failed read of a directory remote means. */
export function readError(error: unknown, key: string): ArtError {
  if (error instanceof ArtError) return error
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EISDIR') {
    return new ArtError('NOT_FOUND', 'no such object', {
      path: key,
      hint: 'Push it from a clone that has it.',
      cause: error,
    })
  }
  if (code === 'EIO') {
    return new ArtError('IO', 'the disk of this remote cannot be read', {
      path: key,
      hint: 'Check the disk.',
      cause: error,
    })
  }
  if (code !== undefined && UNAVAILABLE.has(code)) {
    return new ArtError('REMOTE_UNAVAILABLE', `the folder of this remote does not answer (${code})`, {
      path: key,
      hint: 'Check that it is mounted, then run the command again.',
      cause: error,
      retryable: true,
    })
  }
  return fromSystemError(error, key)
}

/** What a failed write to a directory remote means. */
export function writeError(error: unknown, key: string): ArtError {
  if (error instanceof ArtError) return error
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EROFS') {
    return new ArtError('REMOTE_READ_ONLY', 'the folder of this remote is read-only', {
      path: key,
      hint: 'Mount it writable, or push to another remote.',
      cause: error,
    })
  }
  if (code === 'ENOTDIR' || code === 'EISDIR' || code === 'EEXIST') {
    return new ArtError('REMOTE_REFUSED', 'a file stands where a folder is needed, or the other way round', {
      path: key,
      hint: 'Choose an empty folder as the remote.',
      cause: error,
    })
  }
  return readError(error, key)
}
