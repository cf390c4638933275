import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { ArtError } from '@art/core'
import type { TimeLimits } from '../../decorate/limits.ts'
import { Handler } from './handler.ts'
import type { S3Options } from './options.ts'

const ENDPOINT_REGION = 'us-east-1'

export interface Connection {
  client: S3Client
  /** Undefined for AWS itself. */
  endpoint: string | undefined
  close(): void
}

/** A client of the SDK that retries nothing by itself: art's own loop does, and sees what happens. */
export async function connect(
  options: S3Options,
  { limits, sockets }: { limits: TimeLimits; sockets: number },
  env: NodeJS.ProcessEnv = process.env,
): Promise<Connection> {
  const endpoint = checkEndpoint(options.endpoint || env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL)
  const handler = new Handler({ caBundle: options.caBundle, tlsVerify: options.tlsVerify, limits, sockets, env })
  const region = options.region || env.AWS_REGION || env.AWS_DEFAULT_REGION
  const config: S3ClientConfig = {
    requestHandler: handler,
    maxAttempts: 1,
    followRegionRedirects: endpoint === undefined,
    // Each such request would wait a round trip, on a connection of its own.
    expectContinueHeader: false,
    // art sends one of its own, and checks everything that it reads against its name.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(options.profile && { profile: options.profile }),
    ...(endpoint !== undefined && { endpoint }),
    ...((options.forcePathStyle ?? endpoint !== undefined) && { forcePathStyle: true }),
    ...(await credentials(options, handler, region)),
  }
  const close = (): void => handler.destroy()
  if (region) return { client: new S3Client({ ...config, region }), endpoint, close }
  const client = new S3Client(config)
  const found = await client.config.region().catch(() => undefined)
  return { client: found ? client : new S3Client({ ...config, region: ENDPOINT_REGION }), endpoint, close }
}

function checkEndpoint(text: string | undefined): string | undefined {
  if (!text) return undefined
  let endpoint: URL
  try {
    endpoint = new URL(text)
  } catch (cause) {
    throw invalid('the endpoint is no address', cause)
  }
  if (endpoint.protocol !== 'http:' && endpoint.protocol !== 'https:') throw invalid('the endpoint is not http(s)://')
  if (endpoint.username !== '' || endpoint.password !== '') throw invalid('the endpoint holds a login')
  return text
}

async function credentials(options: S3Options, handler: Handler, region: string | undefined): Promise<S3ClientConfig> {
  if (options.anonymous) {
    // Nothing to sign with, so nothing is signed.
    return { credentials: { accessKeyId: '', secretAccessKey: '' }, signer: { sign: async (request) => request } }
  }
  const own = staticCredentials(options)
  if (!options.roleArn) return own === undefined ? {} : { credentials: own }
  const { fromTemporaryCredentials, fromNodeProviderChain } = await import('@aws-sdk/credential-providers')
  const clientConfig = { requestHandler: handler, region: region || ENDPOINT_REGION, maxAttempts: 3 }
  return {
    credentials: fromTemporaryCredentials({
      masterCredentials:
        own ?? fromNodeProviderChain({ ...(options.profile && { profile: options.profile }), clientConfig }),
      params: {
        RoleArn: options.roleArn,
        RoleSessionName: options.roleSessionName || 'art',
        ...(options.externalId && { ExternalId: options.externalId }),
      },
      clientConfig,
    }),
  }
}

function staticCredentials({ accessKeyId, secretAccessKey, sessionToken }: S3Options) {
  if (!accessKeyId && !secretAccessKey) return undefined
  if (!accessKeyId || !secretAccessKey) throw invalid('an access key needs its secret, and the secret its key')
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
}

function invalid(message: string, cause?: unknown): ArtError {
  return new ArtError('CONFIG_INVALID', message, { hint: 'Correct it with `art remote modify`.', cause })
}
