import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { ArtError, type CallOptions } from '@art/core'
import { Gate } from '../../decorate/limit.ts'
import type { TimeLimits } from '../../decorate/limits.ts'
import type { RetryPolicy } from '../../decorate/retry.ts'
import { checkKey } from '../../key.ts'
import type {
  ByteSource,
  Capabilities,
  Finding,
  GetOptions,
  ObjectInfo,
  ObjectStore,
  PutOptions,
} from '../../object-store.ts'
import { bodySize, readSource } from '../../source.ts'
import { connect } from './client.ts'
import { deleteObjects } from './delete.ts'
import { getObject } from './get.ts'
import { inspectBucket } from './inspect.ts'
import { Integrity } from './integrity.ts'
import { listObjects } from './list.ts'
import { putMultipart } from './multipart.ts'
import type { S3Options } from './options.ts'
import { putSingle } from './put.ts'
import { request, type S3Context } from './requests.ts'

/** A body in memory travels as one request up to here: measured, a 32 MiB pack takes two thirds of the time that four parts take. */
const SINGLE_BYTES = 80 << 20

/** A body that must be read first is held in memory one part at a time. */
const SINGLE_SOURCE = 8 << 20

const PARTS_IN_FLIGHT = 8

/** Reads the AWS profile where one is needed; makes no request. Fails with `CONFIG_INVALID`. */
export async function createS3Store(
  options: S3Options,
  { limits, retry, jobs }: { limits: TimeLimits; retry: RetryPolicy; jobs: number },
): Promise<ObjectStore> {
  // Whoever runs art cannot change which Node the SDK will want next year.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  // Waiting for a free connection would count as connecting, so there are always enough.
  const connection = await connect(options, { limits, sockets: 2 * jobs + 2 * PARTS_IN_FLIGHT })
  const { bucket } = options
  const prefix = options.prefix === '' ? '' : `${options.prefix}/`
  return new S3Store({ connection, bucket, prefix, options, limits, retry, parts: new Gate(PARTS_IN_FLIGHT) })
}

class S3Store implements ObjectStore {
  readonly url: string
  readonly capabilities: Capabilities = { conditionalPut: true, local: false }
  readonly #context: S3Context
  readonly #integrity = new Integrity()

  constructor(context: S3Context) {
    this.#context = context
    this.url = `s3://${context.bucket}/${context.prefix}`.replace(/\/$/, '')
  }

  async head(key: string, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    checkKey(key)
    const Key = this.#context.prefix + key
    try {
      const answer = await request(this.#context, 'HeadObject', { ...options, key }, (client, sendOptions) =>
        client.send(new HeadObjectCommand({ Bucket: this.#context.bucket, Key }), sendOptions),
      )
      const { ContentLength, LastModified } = answer
      return { key, size: ContentLength ?? 0, ...(LastModified && { modified: LastModified }) }
    } catch (error) {
      if (error instanceof ArtError && error.code === 'NOT_FOUND') return undefined
      throw error
    }
  }

  async *get(key: string, options: GetOptions = {}): AsyncGenerator<Uint8Array> {
    checkKey(key)
    yield* getObject(this.#context, key, options)
  }

  async put(key: string, body: Uint8Array | ByteSource, options: PutOptions = {}): Promise<{ created: boolean }> {
    checkKey(key)
    if (options.ifNoneMatch === undefined) return { created: (await this.#put(key, body, options)) === 'created' }
    if (this.capabilities.conditionalPut) {
      const outcome = await this.#put(key, body, options)
      if (outcome !== 'NO_CONDITION') return { created: outcome === 'created' }
      this.capabilities.conditionalPut = false
    }
    const { ifNoneMatch: _, ...plain } = options
    if ((await this.head(key, plain)) !== undefined) return { created: false }
    return { created: (await this.#put(key, body, plain)) === 'created' }
  }

  async *list(prefix: string, options: CallOptions = {}): AsyncGenerator<ObjectInfo> {
    yield* listObjects(this.#context, prefix, options)
  }

  async delete(keys: Iterable<string>, options: CallOptions = {}): Promise<void> {
    const all = [...keys]
    for (const key of all) checkKey(key)
    await deleteObjects(this.#context, all, options)
  }

  inspect(options: CallOptions = {}): Promise<Finding[]> {
    return inspectBucket(this.#context, options)
  }

  async close(): Promise<void> {
    this.#context.connection.close()
  }

  async #put(key: string, body: Uint8Array | ByteSource, options: PutOptions) {
    const single = bodySize(body) <= (body instanceof Uint8Array ? SINGLE_BYTES : SINGLE_SOURCE)
    if (!single) return putMultipart(this.#context, this.#integrity, key, body, options)
    return putSingle(this.#context, this.#integrity, key, await readSource(body), options)
  }
}
