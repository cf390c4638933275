import { entropies, kernel } from './kernel.ts'

/** Bits a byte from which a plane is not worth coding. */
export const NOISE = 7.5

/** Of stride 2^n, where in the kernel's list they stand. */
const PLANES_OF_STRIDE = [
  entropies.subarray(14, 15),
  entropies.subarray(12, 14),
  entropies.subarray(8, 12),
  entropies.subarray(0, 8),
]

/**
 * Estimated entropies in bits a byte of the chunk that is loaded: element `n` holds those of the planes of stride 2^n. Undefined where all is
 * noise. Valid until the next call.
 */
export function sampleEntropies(length: number): readonly Float64Array[] | undefined {
  kernel.sample(length)
  return PLANES_OF_STRIDE[3]!.every((bits) => bits > NOISE) ? undefined : PLANES_OF_STRIDE
}

const REPEAT_BYTES = 2048

/** Which part of the positions in the middle of the loaded chunk start four bytes that were seen shortly before: about 0 in weights, above 0.2 in text. */
export function repeatRate(length: number): number {
  const positions = Math.min(REPEAT_BYTES, length) - 3
  return positions <= 0 ? 0 : kernel.repeats(length) / positions
}
