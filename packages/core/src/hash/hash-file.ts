import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'

/** sha256 of a whole file, as 32 bytes; memory stays at one block. */
export function hashFile(path: string): Buffer {
  const hash = createHash('sha256')
  const block = Buffer.allocUnsafeSlow(1 << 20)
  const fd = openSync(path, 'r')
  try {
    for (;;) {
      const got = readSync(fd, block, 0, block.length, null)
      if (got === 0) return hash.digest()
      hash.update(got === block.length ? block : block.subarray(0, got))
    }
  } finally {
    closeSync(fd)
  }
}
