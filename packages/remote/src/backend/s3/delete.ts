import { DeleteObjectCommand, DeleteObjectsCommand } from '@aws-sdk/client-s3'
import { ArtError, type CallOptions } from '@art/core'
import { retry } from '../../decorate/retry.ts'
import { failureOf, S3Failure, toArtError } from './error.ts'
import { md5, withHeader } from './integrity.ts'
import { request, type S3Context } from './requests.ts'

const BATCH = 1000

/** Deletes in batches; fails after all of them, naming each key that is still there. */
export async function deleteObjects(context: S3Context, keys: string[], options: CallOptions): Promise<void> {
  const left: ArtError[] = []
  for (let start = 0; start < keys.length; start += BATCH) {
    const batch = keys.slice(start, start + BATCH)
    left.push(
      ...(batch.length === 1
        ? await deleteSingly(context, batch, options)
        : await deleteBatch(context, batch, options)),
    )
  }
  const [first] = left
  if (first === undefined) return
  if (keys.length === 1) throw first
  throw new ArtError(first.code, `${left.length} of ${keys.length} objects could not be deleted: ${first.message}`, {
    path: first.path,
    hint: first.hint,
    retryable: left.every((error) => error.retryable),
    cause: first.cause,
    details: left.map((error) => ({ path: error.path ?? '', message: error.message })),
  })
}

async function deleteBatch(context: S3Context, batch: string[], options: CallOptions): Promise<ArtError[]> {
  const { bucket, prefix, connection } = context
  const Objects = batch.map((key) => ({ Key: prefix + key }))
  const what = { ...options, key: batch[0] ?? '', write: true }
  const send = () =>
    request(context, 'DeleteObjects', what, (client, sendOptions) => {
      const command = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } })
      // Older servers know no other checksum here, and insist on one.
      const digest = (body: unknown): string => Buffer.from(md5(body as string | Uint8Array), 'hex').toString('base64')
      return client.send(withHeader(command, 'content-md5', digest), sendOptions)
    })
  try {
    const { Errors = [] } = await retry(send, context.retry, batch[0] ?? '', options)
    return Errors.filter(({ Code }) => Code !== 'NoSuchKey').map(({ Key = '', Code = 'Error', Message = '' }) => {
      const failure = Object.assign(new Error(Message), { name: Code, $metadata: { httpStatusCode: statusOf(Code) } })
      return toArtError(failure, { key: Key.slice(prefix.length), bucket, endpoint: connection.endpoint, write: true })
    })
  } catch (error) {
    if (!knowsNoBatch(error)) throw error
    return deleteSingly(context, batch, options)
  }
}

/** Per-key errors carry a code and no status. */
function statusOf(code: string): number {
  return code === 'AccessDenied' ? 403 : code === 'InternalError' || code === 'SlowDown' ? 503 : 400
}

function knowsNoBatch(error: unknown): boolean {
  const failure = failureOf(error)
  return failure instanceof S3Failure && [400, 405, 411, 501].includes(failure.status)
}

async function deleteSingly(context: S3Context, keys: string[], options: CallOptions): Promise<ArtError[]> {
  const outcomes = await Promise.allSettled(
    keys.map((key) => context.parts.run(() => deleteOne(context, key, options), options.signal)),
  )
  return outcomes.flatMap((outcome) => {
    if (outcome.status === 'fulfilled') return []
    if (outcome.reason instanceof ArtError && outcome.reason.code !== 'INTERRUPTED') return [outcome.reason]
    throw outcome.reason
  })
}

async function deleteOne(context: S3Context, key: string, options: CallOptions): Promise<void> {
  const input = { Bucket: context.bucket, Key: context.prefix + key }
  const send = () =>
    request(context, 'DeleteObject', { ...options, key, write: true }, (client, sendOptions) =>
      client.send(new DeleteObjectCommand(input), sendOptions),
    )
  await retry(send, context.retry, key, options).catch((error) => {
    if (!(error instanceof ArtError) || error.code !== 'NOT_FOUND') throw error
  })
}
