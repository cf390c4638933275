import { ArtError } from '@art/core'
import { AGAIN } from './damage.ts'
import { createHash } from 'node:crypto'

/**
 * Small objects of a remote are lines of ASCII text: a heading with the format's version, one line a fact, and at the end
 * `end <sha256 of all bytes before this line>`, so that a truncated or altered one is never taken for a whole one.
 */
export function encodeLines(heading: string, lines: readonly string[]): Buffer {
  const body = `${[heading, ...lines].join('\n')}\n`
  return Buffer.from(`${body}end ${createHash('sha256').update(body).digest('hex')}\n`)
}

const TRAILER_BYTES = 'end '.length + 64 + 1

/** The lines between heading and end. Throws `REMOTE_DAMAGED`, or `UNSUPPORTED` for another version. */
export function decodeLines(bytes: Uint8Array, heading: string, path: string): string[] {
  const text = Buffer.from(bytes).toString('latin1')
  const body = text.slice(0, -TRAILER_BYTES)
  const end = `end ${createHash('sha256').update(body, 'latin1').digest('hex')}\n`
  if (text.slice(-TRAILER_BYTES) !== end || !body.endsWith('\n')) {
    throw new ArtError('REMOTE_DAMAGED', 'the object is incomplete or altered', {
      path,
      hint: AGAIN,
    })
  }
  const [first, ...lines] = body.slice(0, -1).split('\n')
  if (first === heading) return lines
  throw new ArtError('UNSUPPORTED', `expected "${heading}", found "${first?.slice(0, 40)}"`, {
    path,
    hint: 'Update art, or check that this is an art remote.',
  })
}
