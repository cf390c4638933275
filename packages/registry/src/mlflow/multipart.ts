import { ArtError } from '@art/core'
import type { Client } from './client.ts'
import { fieldOf, listOf, textOf } from './json.ts'
import { encoded } from './path.ts'
import type { Upload } from './transport.ts'

/** What S3 and its kin take. */
const MAX_PARTS = 10_000
const LEAST_PART = 100 << 20

interface Part {
  part_number: number
  etag: string
  url: string
}

/**
 * Sends a file in parts to the addresses that the server gives for it, without credentials of ours. False where it keeps its files in a place that
 * takes no parts.
 */
export async function multipartUpload(client: Client, path: string, body: Upload): Promise<boolean> {
  const slash = path.lastIndexOf('/')
  const [folder, name] = [path.slice(0, Math.max(slash, 0)), path.slice(slash + 1)]
  const at = (step: string): string => `api/2.0/mlflow-artifacts/mpu/${step}/${encoded(folder)}`
  const size = Math.max(LEAST_PART, Math.ceil(body.size / MAX_PARTS))
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
  try {
    const parts: Part[] = []
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
    throw error
  }
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
