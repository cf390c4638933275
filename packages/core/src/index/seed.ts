import { randomBytes } from 'node:crypto'

/**
 * Each index has a seed of its own for the xxh64 of large files, so that nobody can prepare a file that looks unchanged: the hash is no
 * cryptographic one, and with a seed that all know two files of the same hash are quickly made. Never 0, which stands for none.
 */
export function randomSeed(): bigint {
  return randomBytes(8).readBigUInt64LE() | 1n
}
