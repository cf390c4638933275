import { fstatSync, readSync } from 'node:fs'

const STDIN = 0

/** All of stdin; nothing where it is a terminal or closed. */
export async function readStdin(): Promise<Buffer> {
  const pieces: Buffer[] = []
  try {
    if (fstatSync(STDIN).isCharacterDevice()) return Buffer.alloc(0)
    for (;;) {
      const piece = Buffer.alloc(65536)
      const length = readSync(STDIN, piece)
      if (length === 0) return Buffer.concat(pieces)
      pieces.push(piece.subarray(0, length))
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EOF' || code === 'EBADF') return Buffer.concat(pieces)
    if (code !== 'EAGAIN') throw error
    for await (const piece of process.stdin) pieces.push(piece as Buffer)
    return Buffer.concat(pieces)
  }
}
