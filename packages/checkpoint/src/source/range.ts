import { ArtError } from '@art/core'

/** No table is that large, and payloads are read in pieces: only a length out of a damaged file asks for more at once. */
const READ_MAX = 1 << 30

/** Fails with `CORRUPT` unless `length` bytes from `offset` lie within `size` and can be read at once: the numbers come from files. */
export function checkRead(name: string, size: number, offset: number, length: number): void {
  checkRange(name, size, offset, length)
  if (length > READ_MAX) throw outOfRange(name, size, offset, length)
}

/** Fails with `CORRUPT` unless `length` bytes from `offset` lie within `size`. */
export function checkRange(name: string, size: number, offset: number, length: number): void {
  const areNumbers = Number.isSafeInteger(offset) && Number.isSafeInteger(length)
  if (!areNumbers || offset < 0 || length < 0 || offset + length > size) throw outOfRange(name, size, offset, length)
}

function outOfRange(path: string, size: number, offset: number, length: number): ArtError {
  return new ArtError('CORRUPT', `${length} bytes at ${offset} cannot be read of its ${size} bytes`, {
    path,
    hint: 'It is damaged or cut off: fetch or save it again.',
  })
}
