import type { View } from './view.ts'

/** Makes values of stored elements, in place: little-endian, lazy signs resolved. */
export function finish(view: View, bytes: Uint8Array): Uint8Array {
  if (view.bigEndian) swap(bytes, view.unit)
  if (view.flip !== undefined) flipSigns(bytes, view)
  return bytes
}

function swap(bytes: Uint8Array, unit: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (unit === 2) buffer.swap16()
  else if (unit === 4) buffer.swap32()
  else if (unit === 8) buffer.swap64()
  else for (let i = 0; i < bytes.length; i += unit) bytes.subarray(i, i + unit).reverse()
}

function flipSigns(bytes: Uint8Array, { unit, flip, elementBytes }: View): void {
  const first = (flip === 'imaginary' ? unit : 0) + unit - 1
  const step = flip === 'all' ? unit : elementBytes
  for (let i = first; i < bytes.length; i += step) bytes[i]! ^= 0x80
}
