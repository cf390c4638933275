import { closeSync, openSync, readSync } from 'node:fs'
import type { XXHash } from 'xxhash-wasm'

let loading: Promise<(seed: bigint) => XXHash<bigint>> | undefined

/** xxh64, streamed: three times as fast as sha256, to find that a touched file has not changed. Never an identity. */
export async function quickHasher(seed = 0n): Promise<XXHash<bigint>> {
  loading ??= import('xxhash-wasm').then(async ({ default: xxhash }) => {
    const { create64 } = await xxhash()
    return (by: bigint) => create64(by)
  })
  return (await loading)(seed)
}

/** xxh64 of a whole file, by the seed of the index that it is for. */
export async function quickHashFile(path: string, seed: bigint): Promise<bigint> {
  const hasher = await quickHasher(seed)
  const buffer = Buffer.allocUnsafeSlow(1 << 20)
  const fd = openSync(path, 'r')
  try {
    for (;;) {
      const got = readSync(fd, buffer, 0, buffer.length, null)
      if (got === 0) return hasher.digest()
      hasher.update(buffer.subarray(0, got))
    }
  } finally {
    closeSync(fd)
  }
}
