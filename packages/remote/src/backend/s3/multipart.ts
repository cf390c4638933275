import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { ArtError } from '@art/core'
import { LinkedAbort } from '../../decorate/linked-abort.ts'
import { retry } from '../../decorate/retry.ts'
import type { ByteSource, PutOptions } from '../../object-store.ts'
import { blocks, bodySize } from '../../source.ts'
import { checksumInput, type Integrity, isStatus, md5, withProof } from './integrity.ts'
import { encryption, isStored, knowsNoCondition, type PutOutcome } from './put.ts'
import { type Answer, request, type S3Context, type Send } from './requests.ts'

const LEAST_PART = 8 << 20

/** S3 takes 10,000 parts; a few are left over. */
const MOST_PARTS = 9000

export function partSize(size: number): number {
  return Math.max(LEAST_PART, Math.ceil(size / MOST_PARTS))
}

/** A body in parts that travel side by side; each is repeated by itself, and a failed upload leaves nothing behind. */
export async function putMultipart(
  context: S3Context,
  integrity: Integrity,
  key: string,
  body: Uint8Array | ByteSource,
  options: PutOptions,
): Promise<PutOutcome> {
  const upload = new Upload(context, integrity, key, options)
  await upload.begin()
  try {
    const parts = await upload.sendParts(body)
    return await upload.complete(parts, bodySize(body))
  } catch (error) {
    await upload.abort()
    if (options.ifNoneMatch !== undefined && isStatus(error, 412)) return 'exists'
    if (options.ifNoneMatch !== undefined && knowsNoCondition(error)) return 'NO_CONDITION'
    throw error
  }
}

class Upload {
  readonly #context: S3Context
  readonly #integrity: Integrity
  readonly #key: string
  readonly #options: PutOptions
  #target: { Bucket: string; Key: string; UploadId: string | undefined }

  constructor(context: S3Context, integrity: Integrity, key: string, options: PutOptions) {
    this.#context = context
    this.#integrity = integrity
    this.#key = key
    this.#options = options
    this.#target = { Bucket: context.bucket, Key: context.prefix + key, UploadId: undefined }
  }

  async begin(): Promise<void> {
    const { Bucket, Key } = this.#target
    const input = { Bucket, Key, ChecksumAlgorithm: 'CRC32', ...encryption(this.#context) } as const
    const { UploadId } = await this.#retried('CreateMultipartUpload', (client, options) =>
      client.send(new CreateMultipartUploadCommand(input), options),
    )
    this.#target.UploadId = UploadId
  }

  async sendParts(body: Uint8Array | ByteSource): Promise<CompletedPart[]> {
    const { parts: gate } = this.#context
    const abort = new LinkedAbort(this.#options.signal)
    const done: CompletedPart[] = []
    const inFlight = new Set<Promise<void>>()
    let failure: unknown
    const send = async (block: Uint8Array, number: number): Promise<void> => {
      try {
        done[number - 1] = await this.#sendPart(block, number, abort.signal)
      } catch (error) {
        failure ??= error
        abort.abort(error)
      } finally {
        gate.leave()
      }
    }
    try {
      let number = 0
      for await (const block of blocks(body, partSize(bodySize(body)))) {
        await gate.enter(abort.signal)
        const sending = send(block, ++number)
        inFlight.add(sending)
        void sending.then(() => inFlight.delete(sending))
      }
    } catch (error) {
      failure ??= error
      abort.abort(error)
    }
    await Promise.all(inFlight)
    abort.unlink()
    if (failure !== undefined) throw failure
    return done
  }

  async complete(parts: CompletedPart[], size: number): Promise<PutOutcome> {
    const { ifNoneMatch } = this.#options
    try {
      await this.#retried('CompleteMultipartUpload', (client, options) => {
        const input = {
          ...this.#target,
          MultipartUpload: { Parts: parts },
          ...(ifNoneMatch && { IfNoneMatch: ifNoneMatch }),
        }
        return client.send(new CompleteMultipartUploadCommand(input), options)
      })
    } catch (error) {
      // An upload that is gone was completed by an attempt whose answer was lost.
      const gone =
        isStatus(error, 404) && (await isStored(this.#context, this.#key, size, etagOf(parts), this.#options))
      if (!gone) throw error
    }
    return 'created'
  }

  /** Also after an interruption: what lies there would be paid for until somebody looks. */
  async abort(): Promise<void> {
    const { onEvent } = this.#options
    await request(this.#context, 'AbortMultipartUpload', { key: this.#key, onEvent, write: true }, (client, options) =>
      client.send(new AbortMultipartUploadCommand(this.#target), options),
    ).catch(() => {})
  }

  #retried<T extends Answer>(method: string, send: Send<T>): Promise<T> {
    const what = { ...this.#options, key: this.#key, write: true }
    return retry(() => request(this.#context, method, what, send), this.#context.retry, this.#key, this.#options)
  }

  async #sendPart(block: Uint8Array, number: number, signal: AbortSignal): Promise<CompletedPart> {
    const { onEvent } = this.#options
    const what = { key: this.#key, bytes: block.length, write: true, signal, onEvent }
    return retry(() => this.#sendPartOnce(block, number, what), this.#context.retry, this.#key, what)
  }

  async #sendPartOnce(
    block: Uint8Array,
    number: number,
    what: { key: string; bytes: number; write: boolean; signal: AbortSignal },
  ): Promise<CompletedPart> {
    for (;;) {
      const proof = this.#integrity.prove(block)
      try {
        const { ETag, ChecksumCRC32 } = await request(this.#context, 'UploadPart', what, (client, options) => {
          const input = { ...this.#target, PartNumber: number, Body: block, ...checksumInput(proof) }
          return client.send(withProof(new UploadPartCommand(input), proof, !this.#context.options.anonymous), options)
        })
        if (ETag === undefined)
          throw new ArtError('REMOTE_REFUSED', 'the server named no ETag of a part', { path: this.#key })
        if (!this.#integrity.accepts(proof, ChecksumCRC32)) continue
        return { PartNumber: number, ETag, ...(ChecksumCRC32 && { ChecksumCRC32 }) }
      } catch (error) {
        if (!this.#integrity.distrusts(proof, error)) throw error
      }
    }
  }
}

/** The ETag that S3 gives to an object made of these parts. */
function etagOf(parts: CompletedPart[]): string {
  const digests = parts.map(({ ETag }) => Buffer.from(ETag?.replaceAll('"', '') ?? '', 'hex'))
  return `${md5(Buffer.concat(digests))}-${parts.length}`
}
