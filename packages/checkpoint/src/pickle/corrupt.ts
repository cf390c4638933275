import { ArtError } from '@art/core'

export function corruptPickle(what: string, position?: number): ArtError {
  return new ArtError('CORRUPT', `damaged pickle: ${what}${position === undefined ? '' : `, at byte ${position}`}`)
}
