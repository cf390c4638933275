import { ArtError } from '../error.ts'

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
