import { ArtError, type ArtErrorCode } from '@art/core'
import { interrupted } from '../../decorate/limit.ts'

/** What a server answered, or what kept it from answering. The SDK's own error carries requests and with them signatures, so it goes no further. */
export class S3Failure extends Error {
  override readonly name: string
  /** 0 where no answer came. */
  readonly status: number

  constructor(name: string, status: number, message: string) {
    super(message)
    this.name = name
    this.status = status
  }
}

export interface S3Call {
  key: string
  bucket: string
  endpoint: string | undefined
  write: boolean
  signal?: AbortSignal | undefined
}

interface Meaning {
  code: ArtErrorCode
  text: string
  hint: string
  retryable?: boolean
}

const AGAIN = 'Run the command again: what is done stays done.'
const KEYS = 'Check the access key, the secret and the profile of this remote.'
const RENEW = 'Sign in again, or renew the session token.'

const TRANSIENT = new Set([
  'InternalError',
  'ServiceUnavailable',
  'SlowDown',
  'SlowDownRead',
  'SlowDownWrite',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'RequestTimeout',
  'RequestTimeoutException',
  'OperationAborted',
  'ConditionalRequestConflict',
  'IncompleteBody',
  'BadDigest',
  'XAmzContentSHA256Mismatch',
  'XAmzContentChecksumMismatch',
])

const BY_NAME: Record<string, Meaning> = {
  NoSuchKey: { code: 'NOT_FOUND', text: 'no such object', hint: 'Push it from a clone that has it.' },
  InvalidAccessKeyId: { code: 'REMOTE_AUTH', text: 'the server does not know this access key', hint: KEYS },
  // What versitygw says.
  XAdminUserNotFound: { code: 'REMOTE_AUTH', text: 'the server does not know this access key', hint: KEYS },
  SignatureDoesNotMatch: { code: 'REMOTE_AUTH', text: 'the secret does not fit the access key', hint: KEYS },
  ExpiredToken: { code: 'REMOTE_AUTH', text: 'the credentials have expired', hint: RENEW },
  ExpiredTokenException: { code: 'REMOTE_AUTH', text: 'the credentials have expired', hint: RENEW },
  TokenRefreshRequired: { code: 'REMOTE_AUTH', text: 'the credentials have expired', hint: RENEW },
  InvalidToken: { code: 'REMOTE_AUTH', text: 'the session token is not valid', hint: RENEW },
  InvalidClientTokenId: { code: 'REMOTE_AUTH', text: 'the server does not know this access key', hint: KEYS },
  InvalidTokenId: { code: 'REMOTE_AUTH', text: 'the session token is not valid', hint: RENEW },
  CredentialsProviderError: {
    code: 'REMOTE_AUTH',
    text: 'no credentials were found',
    hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile, or set `anonymous` for a public bucket.',
  },
  TokenProviderError: { code: 'REMOTE_AUTH', text: 'no valid sign-in was found', hint: RENEW },
  RequestTimeTooSkewed: {
    code: 'REMOTE_AUTH',
    text: 'the clock of this machine differs too much from the server’s',
    hint: 'Set the clock.',
    // The SDK learns the difference from the answer and signs the next attempt with it.
    retryable: true,
  },
  InvalidObjectState: {
    code: 'REMOTE_REFUSED',
    text: 'the object is archived (Glacier) and cannot be read now',
    hint: 'Restore it first: aws s3api restore-object --bucket BUCKET --key KEY --restore-request Days=7',
  },
  EntityTooLarge: {
    code: 'REMOTE_REFUSED',
    text: 'the object is too large for this server',
    hint: 'Use another remote.',
  },
  QuotaExceeded: { code: 'DISK_FULL', text: 'the quota of the bucket is used up', hint: 'Free some space there.' },
  XMinioAdminBucketQuotaExceeded: {
    code: 'DISK_FULL',
    text: 'the quota of the bucket is used up',
    hint: 'Free some space there.',
  },
  XMinioStorageFull: { code: 'DISK_FULL', text: 'the server has no space left', hint: 'Free some space there.' },
}

const REGION = new Set(['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException'])
const NO_OBJECT = new Set(['NotFound', 'NoSuchVersion', 'UnknownError', 'Unknown'])
const NO_BUCKET = new Set(['NoSuchBucket', 'InvalidBucketName', 'AllAccessDisabled'])
const NO_HOST = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'EADDRNOTAVAIL'])
const TLS = /^(CERT_|ERR_TLS|ERR_SSL|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|EPROTO)/

/** The name and status of the failure beneath an error of this store. */
export function failureOf(error: unknown): S3Failure | undefined {
  const cause = error instanceof ArtError ? error.cause : undefined
  return cause instanceof S3Failure ? cause : undefined
}

/** True where nobody knows whether the request was carried out. */
export function isAmbiguous(error: unknown): boolean {
  const failure = failureOf(error)
  return failure !== undefined && (failure.status === 0 || failure.status >= 500)
}

/** Turns whatever the SDK throws into an ArtError without secrets, with an `S3Failure` as its cause. */
export function toArtError(error: unknown, call: S3Call): ArtError {
  if (error instanceof ArtError) return error
  if (call.signal?.aborted) {
    return call.signal.reason instanceof ArtError ? call.signal.reason : interrupted(call.signal)
  }
  const failure = readFailure(error)
  const { code, text, hint, retryable = false } = meaningOf(failure, error, call)
  return new ArtError(code, text, { path: call.key || call.bucket, hint, retryable, cause: failure })
}

interface SdkError {
  name?: string
  code?: string
  Code?: string
  message?: string
  errno?: number
  $metadata?: { httpStatusCode?: number }
  $response?: { statusCode?: number; headers?: Record<string, string> }
}

function readFailure(error: unknown): S3Failure {
  const { name, code, Code, message, $metadata, $response } = error as SdkError
  const status = $metadata?.httpStatusCode ?? $response?.statusCode ?? 0
  const answered = name !== undefined && !['Error', 'TypeError', 'AggregateError', 'SyntaxError'].includes(name)
  const called = status === 0 ? (code ?? name) : answered ? name : (Code ?? name)
  return new S3Failure(called ?? 'Error', status, redact(message || called || String(error)))
}

/** Addresses may carry a login. */
export function redact(text: string): string {
  return text.replace(/:\/\/[^/\s@]+@/g, '://…@')
}

function meaningOf(failure: S3Failure, error: unknown, call: S3Call): Meaning {
  const { name, status, message } = failure
  const where = call.endpoint ?? 'the server'
  if (name === 'TimeoutError' || (status === 0 && name === 'ETIMEDOUT')) {
    return {
      code: 'TIMEOUT',
      text: `no answer from ${where} in time`,
      hint: `Check the network. ${AGAIN}`,
      retryable: true,
    }
  }
  const known = BY_NAME[name]
  if (known !== undefined) return name === 'CredentialsProviderError' ? { ...known, text: message } : known
  if (NO_BUCKET.has(name)) {
    return {
      code: 'REMOTE_NOT_FOUND',
      text: `there is no bucket ${call.bucket}`,
      hint: 'Check the remote’s url, or create the bucket.',
    }
  }
  if (REGION.has(name) || status === 301 || status === 307) return otherRegion(error as SdkError, call)
  if (TRANSIENT.has(name) || status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 507)) {
    return { code: 'REMOTE_UNAVAILABLE', text: `the server answered ${status} ${name}`, hint: AGAIN, retryable: true }
  }
  if (status === 507) return BY_NAME.XMinioStorageFull!
  if (status === 401 || status === 403) return denied(failure, call)
  if (status === 407) {
    return {
      code: 'REMOTE_AUTH',
      text: 'the proxy wants a login',
      hint: 'Write it as HTTPS_PROXY=http://user:password@host:port.',
    }
  }
  if (status === 404 && NO_OBJECT.has(name)) return BY_NAME.NoSuchKey!
  if (status === 0) return unreachable(failure, where)
  if (status < 300) {
    return {
      code: 'REMOTE_REFUSED',
      text: `the answer of ${where} is not S3’s`,
      hint: 'Check the endpoint: does an S3 server listen there?',
    }
  }
  return {
    code: 'REMOTE_REFUSED',
    text: `the server answered ${status} ${name}: ${message}`,
    hint: 'Check the remote’s options.',
  }
}

function otherRegion({ $response }: SdkError, call: S3Call): Meaning {
  const region = $response?.headers?.['x-amz-bucket-region']
  const set = region === undefined ? 'Set the region of this remote.' : `Set the region of this remote to ${region}.`
  return { code: 'REMOTE_REFUSED', text: `bucket ${call.bucket} is in another region`, hint: set }
}

function denied({ message }: S3Failure, call: S3Call): Meaning {
  const text = message === '' || message === 'UnknownError' ? 'access denied' : message
  return call.write
    ? {
        code: 'REMOTE_READ_ONLY',
        text: `these credentials may not write: ${text}`,
        hint: 'Use credentials that may s3:PutObject.',
      }
    : {
        code: 'REMOTE_AUTH',
        text: `these credentials may not read: ${text}`,
        hint: 'They need s3:GetObject and s3:ListBucket.',
      }
}

function unreachable({ name, message }: S3Failure, where: string): Meaning {
  if (TLS.test(name)) {
    const hint = 'Name its authority with `caBundle` or AWS_CA_BUNDLE; a plain server is http:// in the endpoint.'
    return { code: 'REMOTE_UNAVAILABLE', text: `no secure connection to ${where}: ${message}`, hint }
  }
  const text = NO_HOST.has(name) ? `cannot connect to ${where} (${name})` : `connection to ${where} lost: ${message}`
  const hint = NO_HOST.has(name) ? 'Check the endpoint, the network and the proxy.' : AGAIN
  // A name that does not exist will not exist in ten seconds either.
  return { code: 'REMOTE_UNAVAILABLE', text, hint, retryable: name !== 'ENOTFOUND' }
}
