import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { PutOptions } from '../../object-store.ts'
import { failureOf, isAmbiguous } from './error.ts'
import { checksumInput, type Integrity, isStatus, md5, withProof } from './integrity.ts'
import { request, type S3Context } from './requests.ts'

/** After a lost answer, sending less than this again costs no more than asking. */
const WORTH_ASKING = 1 << 20

/** `NO_CONDITION`: the server knows no conditional put, and nothing was written. */
export type PutOutcome = 'created' | 'exists' | 'NO_CONDITION'

/** One PUT of a body in memory. */
export async function putSingle(
  context: S3Context,
  integrity: Integrity,
  key: string,
  bytes: Uint8Array,
  options: PutOptions,
): Promise<PutOutcome> {
  let { ifNoneMatch } = options
  const what = { ...options, key, bytes: bytes.length, write: true }
  for (;;) {
    const proof = integrity.prove(bytes)
    try {
      const answer = await request(context, 'PutObject', what, (client, sendOptions) => {
        const command = new PutObjectCommand({
          Bucket: context.bucket,
          Key: context.prefix + key,
          Body: bytes,
          ...checksumInput(proof),
          ...encryption(context),
          ...(ifNoneMatch && { IfNoneMatch: ifNoneMatch }),
        })
        return client.send(withProof(command, proof, !context.options.anonymous), sendOptions)
      })
      if (integrity.accepts(proof, answer.ChecksumCRC32)) return 'created'
      // The object is ours already; it is only not known to be whole.
      ifNoneMatch = undefined
    } catch (error) {
      if (ifNoneMatch !== undefined) {
        if (isStatus(error, 412)) return 'exists'
        if (knowsNoCondition(error)) return 'NO_CONDITION'
      }
      if (integrity.distrusts(proof, error)) continue
      const asks = isAmbiguous(error) && ifNoneMatch === undefined && bytes.length >= WORTH_ASKING
      if (asks && !options.signal?.aborted && (await isStored(context, key, bytes.length, md5(bytes), options))) {
        return 'created'
      }
      throw error
    }
  }
}

/** Does the object there have this size and this ETag? Then a put whose answer was lost has been carried out. */
export async function isStored(
  context: S3Context,
  key: string,
  size: number,
  etag: string,
  { signal, onEvent }: PutOptions,
): Promise<boolean> {
  try {
    const { ContentLength, ETag } = await request(context, 'HeadObject', { key, signal, onEvent }, (client, options) =>
      client.send(new HeadObjectCommand({ Bucket: context.bucket, Key: context.prefix + key }), options),
    )
    return ContentLength === size && ETag?.replaceAll('"', '') === etag
  } catch {
    // Then the put is repeated, which is right in any case.
    return false
  }
}

export function knowsNoCondition(error: unknown): boolean {
  const failure = failureOf(error)
  if (failure === undefined) return false
  return failure.status === 501 || (failure.status === 400 && failure.name === 'NotImplemented')
}

export function encryption({ options: { sse, sseKmsKeyId } }: S3Context) {
  const algorithm = sse ?? (sseKmsKeyId ? 'aws:kms' : undefined)
  if (!algorithm) return {}
  return { ServerSideEncryption: algorithm, ...(sseKmsKeyId && { SSEKMSKeyId: sseKmsKeyId }) }
}
