import { CHUNK_MAX } from '../chunk/chunker.ts'
import { kernel, memory, RAW, STORED } from './kernel.ts'

/** Room for one stored chunk of at most 128 KiB, and what planes are deflated to or inflated from. One at a time. */
export const stored = memory.subarray(STORED, STORED + CHUNK_MAX)

/** Byte `i` of the chunk that is loaded goes to plane `i % stride`. The planes hold until the next call. */
export function splitPlanes(length: number, stride: number): void {
  kernel.split(length, stride)
}

/** The reverse of `splitPlanes`: fills `target` from planes. */
export function joinPlanes(target: Uint8Array, stride: number): void {
  kernel.join(target.length, stride)
  memory.copy(target, 0, RAW, RAW + target.length)
}

/** Plane `plane` of a chunk of `length` bytes. */
export function planeOf(length: number, stride: number, plane: number): Buffer {
  const at = kernel.planeAt(length, stride, plane)
  return memory.subarray(at, at + Math.floor((length - plane + stride - 1) / stride))
}

/** Deflates a plane, without matches, into `stored` at `at`. Returns how many bytes that makes: 0 where it would not pay. */
export function deflatePlane(plane: Buffer, at: number): number {
  return kernel.deflate(plane.byteOffset, plane.length, STORED + at)
}

/** Inflates `stored` from `at` to `end` into a plane. False where that is not what `deflatePlane` makes: then zlib may know it. */
export function inflatePlane(at: number, end: number, plane: Buffer): boolean {
  return kernel.inflate(STORED + at, end - at, plane.byteOffset, plane.length) === 1
}
