import { ArtError } from '@art/core'

/** A tracking server, and what it is told of who asks. */
export interface MlflowServer {
  /** Without credentials; its path ends in `/`, and has what a proxy or `--static-prefix` puts in front. */
  base: URL
  /** Value of the header `Authorization`. */
  authorization?: string
  tls?: TlsSettings
}

export interface TlsSettings {
  /** Do not check the server's certificate. */
  insecure?: boolean
  /** PEM text of the authorities to trust instead of the usual ones. */
  ca?: string
}

/** MLflow's own variables, as its Python client reads them (`mlflow/environment_variables.py`). */
export const MLFLOW_VARIABLES = {
  uri: 'MLFLOW_TRACKING_URI',
  username: 'MLFLOW_TRACKING_USERNAME',
  password: 'MLFLOW_TRACKING_PASSWORD',
  token: 'MLFLOW_TRACKING_TOKEN',
  insecure: 'MLFLOW_TRACKING_INSECURE_TLS',
  certificate: 'MLFLOW_TRACKING_SERVER_CERT_PATH',
  timeout: 'MLFLOW_HTTP_REQUEST_TIMEOUT',
  partsAllowed: 'MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD',
  partsFrom: 'MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE',
  partSize: 'MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE',
} as const

/**
 * Reads a server's address and the credentials of the environment; a name and password in the address count where the environment has none. Basic
 * wins over a token, as in MLflow. Fails with `USAGE` for what is no address of a server: `databricks`, a folder, a database.
 */
export function trackingServer(uri: string, environment: NodeJS.ProcessEnv, tls: TlsSettings = {}): MlflowServer {
  const base = parseBase(uri)
  const username = environment[MLFLOW_VARIABLES.username] || decodeURIComponent(base.username)
  const password = environment[MLFLOW_VARIABLES.password] || decodeURIComponent(base.password)
  const token = environment[MLFLOW_VARIABLES.token]
  base.username = ''
  base.password = ''
  const authorization =
    username && password
      ? `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
      : token
        ? `Bearer ${token.trim()}`
        : undefined
  return {
    base,
    ...(authorization === undefined ? {} : { authorization }),
    ...(tls.insecure || tls.ca !== undefined ? { tls } : {}),
  }
}

function parseBase(uri: string): URL {
  let base: URL
  try {
    base = new URL(uri)
  } catch (cause) {
    throw noServer(uri, cause)
  }
  if (base.protocol !== 'http:' && base.protocol !== 'https:') throw noServer(uri)
  base.search = ''
  base.hash = ''
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/`
  return base
}

function noServer(uri: string, cause?: unknown): ArtError {
  return new ArtError('USAGE', 'this is no address of an MLflow server', {
    // What has no scheme may still have a password in it.
    path: uri.replace(/\/\/[^/@]*@/, '//***@'),
    hint: 'Give it as `http://host:5000`: art speaks to a tracking server, not to a folder, a database or Databricks.',
    cause,
  })
}

/** The address as it may be shown. */
export function shownAddress({ base }: Pick<MlflowServer, 'base'>): string {
  return base.href.replace(/\/$/, '')
}
