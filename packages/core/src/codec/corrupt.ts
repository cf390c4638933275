import { ArtError } from '../error.ts'

export function corrupt(what: string, cause?: unknown): ArtError {
  return new ArtError('CORRUPT', `damaged chunk: ${what}`, { cause })
}
