import { ArtError, isArtError } from '@art/core'
import type { Client } from './client.ts'
import { fieldOf, listOf, textOf } from './json.ts'
import { encoded } from './path.ts'
import { MLFLOW_VARIABLES } from './server.ts'
import type { Upload } from './transport.ts'

/** Bytes: from which size on a file goes in parts, and how large those are at least. */
export interface PartSizes {
  from: number
  size: number
}

/** What S3 and its kin take. */
const MAX_PARTS = 10_000
const LEAST_PART = 5 << 20
const MOST_PART = 5 * 2 ** 30

/** As MLflow's own variables say, which mean the same to its Python client; that sends no parts by default, and we do. */
export function partSizes(environment: NodeJS.ProcessEnv): PartSizes {
  const bytes = (name: string, standard: number): number => {
    const value = Number(environment[name])
    return value > 0 ? value : standard
  }
  return {
    from: /^(?:false|0)$/i.test(environment[MLFLOW_VARIABLES.partsAllowed] ?? '')
      ? Infinity
      : bytes(MLFLOW_VARIABLES.partsFrom, 500 << 20),
    size: Math.min(Math.max(Math.trunc(bytes(MLFLOW_VARIABLES.partSize, 100 << 20)), LEAST_PART), MOST_PART),
  }
}

interface Part {
  part_number: number
  etag: string
  url: string
}

/**
 * Sends a file in parts to the addresses that the server gives for it, without credentials of ours. False where it keeps its files in a place that
 * takes no parts, or where this machine cannot send the first one there: a bucket is often known by a name that only the server can reach.
 */
export async function multipartUpload(client: Client, path: string, body: Upload): Promise<boolean> {
  const slash = path.lastIndexOf('/')
  const [folder, name] = [path.slice(0, Math.max(slash, 0)), path.slice(slash + 1)]
  const at = (step: string): string => `api/2.0/mlflow-artifacts/mpu/${step}/${encoded(folder)}`
  const size = Math.max(client.parts.size, Math.ceil(body.size / MAX_PARTS))
  const count = Math.ceil(body.size / size)
  const made = await client.call({
    path: at('create'),
    body: { path: name, num_parts: count },
    what: 'take a file in parts',
    unless: ['NOT_IMPLEMENTED', 'ENDPOINT_NOT_FOUND'],
  })
  const credentials = listOf(made, 'credentials')
  if (made === undefined || credentials.length !== count) return false
  const uploadId = textOf(made, 'upload_id') ?? ''
  const parts: Part[] = []
  try {
    for (const [i, credential] of credentials.entries()) {
      const url = addressOf(client, textOf(credential, 'url'))
      const [start, end] = [i * size, Math.min((i + 1) * size, body.size)]
      const part = { size: end - start, open: () => body.open(start, end) }
      const answer = await client.upload(url, part, 'take a part of a file', {
        foreign: headersOf(fieldOf(credential, 'headers')),
      })
      parts.push({ part_number: i + 1, etag: answer.header('etag') ?? '', url: url.href })
    }
    await client.call({
      path: at('complete'),
      body: { path: name, upload_id: uploadId, parts },
      what: 'put the parts of a file together',
    })
    return true
  } catch (error) {
    // What is left of it would be paid for, and nobody would see it.
    await client
      .call({ path: at('abort'), body: { path: name, upload_id: uploadId }, what: 'forget the parts', once: true })
      .catch(() => undefined)
    if (parts.length > 0 || !isOfThePlace(error)) throw error
    const bucket = originOf(textOf(credentials[0], 'url'))
    const message = `${name} goes through the MLflow server: ${bucket}, which that names for its parts, takes none from here`
    client.options.onEvent?.({ type: 'warning', message })
    return false
  }
}

/** Rather than of the file or of the user. */
function isOfThePlace(error: unknown): boolean {
  return (['REMOTE_UNAVAILABLE', 'REMOTE_REFUSED', 'REMOTE_AUTH', 'TIMEOUT'] as const).some((code) =>
    isArtError(error, code),
  )
}

function originOf(text = ''): string {
  return URL.canParse(text) ? new URL(text).origin : 'nothing'
}

/** A server that is asked over TLS must not have the bytes sent in the clear. */
function addressOf({ server }: Client, text: string | undefined): URL {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && server.base.protocol === 'http:')
  if (url !== undefined && isSafe) return url
  throw new ArtError('REMOTE_REFUSED', 'MLflow names no address that a part of a file could be sent to', {
    path: server.base.origin,
  })
}

function headersOf(value: unknown): Record<string, string> {
  const headers: Record<string, string> = {}
  if (typeof value !== 'object' || value === null) return headers
  for (const name of Object.keys(value)) {
    const text = textOf(value, name)
    if (text !== undefined && /^[\w-]{1,100}$/.test(name) && !/[\r\n]/.test(text)) headers[name] = text
  }
  return headers
}
