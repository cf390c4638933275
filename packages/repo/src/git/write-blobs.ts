import { createHash, type Hash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { type GitContext, runGit } from './run.ts'

/** The name that git gives a text; `digits` is the length of the repository's hashes. gitformat-loose(5) */
export function blobName(text: string, digits: number): string {
  return hashOf(digits)
    .update(`blob ${Buffer.byteLength(text)}\0`)
    .update(text)
    .digest('hex')
}

/** Gives git texts to keep: one process for any number of them. */
export async function writeBlobs(repo: GitContext, texts: readonly string[], digits: number): Promise<void> {
  // fast-import could do it too, and would call the hook of transactions for it.
  if (texts.length > 0) await runGit(repo, ['unpack-objects', '-q'], { input: packOf(texts, digits) })
}

const BLOB = 3

/** gitformat-pack(5) */
function packOf(texts: readonly string[], digits: number): Buffer {
  const head = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1')
  head.writeUInt32BE(texts.length, 8)
  const objects = texts.flatMap((text) => {
    const bytes = Buffer.from(text)
    return [sizeBytes(bytes.length), deflateSync(bytes)]
  })
  const body = Buffer.concat([head, ...objects])
  return Buffer.concat([body, hashOf(digits).update(body).digest()])
}

/** Kind and size of an object: four bits of the size, then seven a byte, the lowest first. */
function sizeBytes(size: number): Buffer {
  const bytes = [(BLOB << 4) | (size % 16)]
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1]! |= 0x80
    bytes.push(rest % 128)
  }
  return Buffer.from(bytes)
}

function hashOf(digits: number): Hash {
  return createHash(digits === 64 ? 'sha256' : 'sha1')
}
