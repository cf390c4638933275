import tls from 'node:tls'
import { ArtError } from '@art/core'
import { readPlainFile } from '@art/core/fs/plain-file.ts'
import type { S3Options } from './options.ts'

/** Bytes; those that systems have are of a few hundred KiB. */
const MAX_BUNDLE_BYTES = 16 << 20

/** What `tls.connect` is given: the certificates to trust, and whether to check at all. Fails with `CONFIG_INVALID`. */
export function tlsOptions(
  { caBundle, tlsVerify }: Pick<S3Options, 'caBundle' | 'tlsVerify'>,
  env: NodeJS.ProcessEnv = process.env,
): { rejectUnauthorized: boolean; secureContext?: tls.SecureContext } {
  const rejectUnauthorized = tlsVerify !== false
  const file = caBundle || env.AWS_CA_BUNDLE
  if (!file || !rejectUnauthorized) return { rejectUnauthorized }
  const own = readBundle(file)
  // One context for all connections: parsing the certificates costs more than a request does.
  return { rejectUnauthorized, secureContext: tls.createSecureContext({ ca: [...defaults(env), own] }) }
}

/** What Node trusts where it is not told otherwise; naming any authority replaces it. */
function defaults(env: NodeJS.ProcessEnv): readonly string[] {
  if ('getCACertificates' in tls && typeof tls.getCACertificates === 'function') {
    return tls.getCACertificates('default') as string[]
  }
  const extra = env.NODE_EXTRA_CA_CERTS
  return extra ? [...tls.rootCertificates, readBundle(extra)] : tls.rootCertificates
}

function readBundle(file: string): string {
  let text: string
  try {
    text = readPlainFile(file, { max: MAX_BUNDLE_BYTES, follow: true }).toString('utf8')
  } catch (cause) {
    throw notACertificate(file, 'cannot be read', cause)
  }
  if (!text.includes('-----BEGIN ')) throw notACertificate(file, 'holds no PEM certificate')
  return text
}

function notACertificate(file: string, what: string, cause?: unknown): ArtError {
  return new ArtError('CONFIG_INVALID', `the CA bundle ${what}`, {
    path: file,
    hint: 'Name a PEM file with `caBundle` or AWS_CA_BUNDLE.',
    cause,
  })
}
