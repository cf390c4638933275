import type { Readable } from 'node:stream'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { ArtError } from '@art/core'
import type { ByteRange, GetOptions } from '../../object-store.ts'
import { beyondEnd, checkBounds } from '../range.ts'
import { checkVersion, writtenAnew } from '../version.ts'
import { toArtError } from './error.ts'
import { isStatus } from './integrity.ts'
import { request, type S3Context } from './requests.ts'

/** The object or a range of it. A body that breaks off or is not as long as announced ends in a retryable error, never silently. */
export async function* getObject(context: S3Context, key: string, options: GetOptions): AsyncGenerator<Uint8Array> {
  const { range, version, signal } = options
  if (range !== undefined) checkBounds(range, key)
  if (range !== undefined && range.start === range.end) return
  const answer = await ask(context, key, options)
  const body = answer.Body as Readable
  let ended = false
  try {
    const { length, total } = announced(answer, range, key)
    if (answer.ETag !== undefined) checkVersion(version, answer.ETag, total, key)
    let received = 0
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      received += piece.length
      if (received > length) throw wrongAnswer(key, 'sent more bytes than it announced')
      yield piece
    }
    if (received < length) throw brokenOff(key, received, length)
    ended = true
  } catch (error) {
    const { bucket, connection } = context
    throw toArtError(error, { key, bucket, endpoint: connection.endpoint, write: false, signal })
  } finally {
    // A body that nobody reads to its end keeps its connection for ever.
    if (!ended) body.destroy()
  }
}

async function ask(context: S3Context, key: string, { range, version, signal, onEvent }: GetOptions) {
  const bytes = range === undefined ? 0 : range.end - range.start
  try {
    return await request(context, 'GetObject', { key, bytes, signal, onEvent }, (client, options) =>
      client.send(
        new GetObjectCommand({
          Bucket: context.bucket,
          Key: context.prefix + key,
          ...(range && { Range: `bytes=${range.start}-${range.end - 1}` }),
          ...(version?.tag && { IfMatch: version.tag }),
        }),
        options,
      ),
    )
  } catch (error) {
    if (isStatus(error, 412)) throw writtenAnew(key)
    if (range !== undefined && isStatus(error, 416)) throw beyondEnd(range, key)
    throw error
  }
}

/** How many bytes the answer says will follow, and how many the object has. */
function announced(
  { ContentLength, ContentRange }: { ContentLength?: number | undefined; ContentRange?: string | undefined },
  range: ByteRange | undefined,
  key: string,
): { length: number; total: number } {
  if (ContentLength === undefined) throw wrongAnswer(key, 'does not say how long the object is')
  if (range === undefined) return { length: ContentLength, total: ContentLength }
  const [, start, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(ContentRange ?? '') ?? []
  if (Number(start) !== range.start) throw wrongAnswer(key, 'did not send the range that was asked for')
  if (Number(last) + 1 < range.end) throw beyondEnd(range, key, Number(total))
  if (ContentLength !== range.end - range.start) throw wrongAnswer(key, 'sent another length than was asked for')
  return { length: ContentLength, total: Number(total) }
}

function brokenOff(key: string, received: number, length: number): ArtError {
  return new ArtError('REMOTE_UNAVAILABLE', `the answer ended after ${received} of ${length} bytes`, {
    path: key,
    hint: 'Run the command again: what is done stays done.',
    retryable: true,
  })
}

function wrongAnswer(key: string, what: string): ArtError {
  return new ArtError('REMOTE_REFUSED', `the server ${what}`, {
    path: key,
    hint: 'Run `art remote check`: a proxy in between may change answers.',
  })
}
