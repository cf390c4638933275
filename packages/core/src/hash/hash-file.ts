import { createHash } from 'node:crypto'
import { closeSync, readSync } from 'node:fs'
import { openPlainFile } from '../fs/plain-file.ts'

/** sha256 of a whole file, as 32 bytes; memory stays at one block. Fails as `openPlainFile`: a device has no end. */
export function hashFile(path: string): Buffer {
  const hash = createHash('sha256')
  const block = Buffer.allocUnsafeSlow(1 << 20)
  const { fd } = openPlainFile(path, { follow: true })
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
