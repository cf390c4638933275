import { ArtError } from '@art/core'
import type { ByteRange } from '../object-store.ts'

/** Fails with `REMOTE_DAMAGED` where the object ends before the range does, and with `USAGE` where it is no range. */
export function checkRange(range: ByteRange | undefined, size: number, key: string): void {
  if (range === undefined) return
  checkBounds(range, key)
  if (range.end > size) throw beyondEnd(range, key, size)
}

export function checkBounds({ start, end }: ByteRange, key: string): void {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end) return
  throw new ArtError('USAGE', `${start}–${end} is no range of bytes`, { path: key })
}

export function beyondEnd({ start, end }: ByteRange, key: string, size?: number): ArtError {
  const has = size === undefined ? 'is shorter' : `has ${size} bytes`
  return new ArtError('REMOTE_DAMAGED', `bytes ${start}–${end} were asked for, and the object ${has}`, {
    path: key,
    hint: 'Push it again from a clone that has it.',
  })
}
