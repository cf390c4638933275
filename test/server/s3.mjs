// S3 servers for tests and benchmarks, each over a fresh folder on a free port. All of them end with the process that started them.
import { freePort, startProcess, untilReady } from './process.mjs'
import { findServer } from './tools.mjs'

/**
 * @typedef {object} S3Server
 * @property {string} name
 * @property {string} endpoint
 * @property {string} accessKeyId
 * @property {string} secretAccessKey
 * @property {string} data Folder that the server keeps its objects in.
 * @property {(name: string) => Promise<void>} makeBucket
 * @property {() => Promise<import('@aws-sdk/client-s3').S3Client>} client For what a test must arrange or look at behind art's back.
 * @property {() => Promise<void>} stop
 */

const KEY = { accessKeyId: 'art-test-key', secretAccessKey: 'art-test-secret-0123456789' }

async function start(name, args, env) {
  const command = findServer(name)
  if (command === undefined) throw new Error(`${name} is not installed: run \`node test/server/install.mjs\``)
  const port = await freePort()
  const server = startProcess(command, (data) => args(port, data), env)
  const endpoint = `http://127.0.0.1:${port}`
  try {
    await untilReady(endpoint, server)
  } catch (error) {
    await server.stop()
    throw error
  }
  /** @type {import('@aws-sdk/client-s3').S3Client | undefined} */
  let client
  const connect = async () => {
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
    const { S3Client } = await import('@aws-sdk/client-s3')
    client ??= new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: KEY })
    return client
  }
  const makeBucket = async (bucket) => {
    const { CreateBucketCommand } = await import('@aws-sdk/client-s3')
    await (await connect()).send(new CreateBucketCommand({ Bucket: bucket }))
  }
  const stop = async () => {
    client?.destroy()
    await server.stop()
  }
  return { name, endpoint, ...KEY, data: server.data, makeBucket, client: connect, stop }
}

/** @returns {Promise<S3Server>} */
export function startVersitygw() {
  return start('versitygw', (port, data) => ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', data], {
    ROOT_ACCESS_KEY: KEY.accessKeyId,
    ROOT_SECRET_KEY: KEY.secretAccessKey,
  })
}

/** @returns {Promise<S3Server>} */
export function startMinio() {
  return start('minio', (port, data) => ['server', '--quiet', '--address', `127.0.0.1:${port}`, data], {
    MINIO_ROOT_USER: KEY.accessKeyId,
    MINIO_ROOT_PASSWORD: KEY.secretAccessKey,
    MINIO_BROWSER: 'off',
    MINIO_UPDATE: 'off',
  })
}

/** @returns {Promise<S3Server>} */
export function startMoto() {
  return start('moto', (port) => ['-H', '127.0.0.1', '-p', String(port)], {})
}

/** The servers that are installed here, best first. */
export const SERVERS = [
  { name: 'versitygw', start: startVersitygw, installed: () => findServer('versitygw') !== undefined },
  { name: 'minio', start: startMinio, installed: () => findServer('minio') !== undefined },
  { name: 'moto', start: startMoto, installed: () => findServer('moto') !== undefined },
]
