import type { S3Client } from '@aws-sdk/client-s3'
import type { CallOptions } from '@art/core'
import type { Gate } from '../../decorate/limit.ts'
import { overallLimit, type TimeLimits } from '../../decorate/limits.ts'
import type { RetryPolicy } from '../../decorate/retry.ts'
import type { Connection } from './client.ts'
import { failureOf, toArtError } from './error.ts'
import type { S3Options } from './options.ts'

/** What the operations of one store share. */
export interface S3Context {
  connection: Connection
  bucket: string
  /** With its slash, or empty. */
  prefix: string
  options: S3Options
  limits: TimeLimits
  retry: RetryPolicy
  /** Parts of multipart uploads in flight, over all uploads: they are what takes memory. */
  parts: Gate
}

export interface RequestOptions extends CallOptions {
  key: string
  /** Bytes of the longer of the two bodies. */
  bytes?: number
  write?: boolean
}

interface SendOptions {
  abortSignal?: AbortSignal
  requestTimeout: number
}

export interface Answer {
  $metadata: { httpStatusCode?: number | undefined }
}

export type Send<T extends Answer> = (client: S3Client, options: SendOptions) => Promise<T>

/** Makes one request, once: tells of it, bounds it, and throws ArtErrors only. */
export async function request<T extends Answer>(
  context: S3Context,
  method: string,
  { key, bytes = 0, write = false, signal, onEvent }: RequestOptions,
  send: Send<T>,
): Promise<T> {
  const { connection, bucket, limits } = context
  const begun = performance.now()
  const tell = (status: number | undefined): void =>
    onEvent?.({ type: 'request', method, key, milliseconds: performance.now() - begun, ...(status && { status }) })
  try {
    const requestTimeout = overallLimit(limits, bytes)
    const answer = await send(connection.client, { requestTimeout, ...(signal && { abortSignal: signal }) })
    tell(answer.$metadata.httpStatusCode)
    return answer
  } catch (error) {
    const failed = toArtError(error, { key, bucket, endpoint: connection.endpoint, write, signal })
    tell(failureOf(failed)?.status)
    throw failed
  }
}
