import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { uploadArtifact } from './artifact.ts'
import { mlflowClient } from './client.ts'
import { findExperiment } from './experiment.ts'
import { type TlsSettings, trackingServer } from './server.ts'
import { noDelay } from './temporary-server.ts'

let folder: string
let server: Server | undefined
let url = ''
let ca = ''
let sent: Buffer | undefined

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'art-mlflow-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=art test', '-addext', 'subjectAltName=IP:127.0.0.1']
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  try {
    execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'pipe' })
  } catch {
    return
  }
  ca = readFileSync(cert, 'utf8')
  server = createServer({ key: readFileSync(key), cert: ca }, (request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      sent = Buffer.concat(pieces)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ experiment: { experiment_id: '7' } }))
    })
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server?.closeAllConnections()
  server?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a server with a certificate of an own authority', () => {
  const look = async (tls: TlsSettings): Promise<string | undefined> => {
    const client = await mlflowClient(trackingServer(url, {}, tls), { patience: noDelay() })
    return await findExperiment(client, 'e')
  }

  it('is refused, and the variable named that takes the authority', async ({ skip }) => {
    if (server === undefined) return skip('no openssl on this machine to make a certificate with')
    await expect(look({})).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      retryable: false,
      hint: expect.stringContaining('MLFLOW_TRACKING_SERVER_CERT_PATH') as string,
    })
  })

  it('is asked with that authority, or unchecked; files go to it too', async ({ skip }) => {
    if (server === undefined) return skip('no openssl on this machine to make a certificate with')
    expect(await look({ ca })).toBe('7')
    expect(await look({ insecure: true })).toBe('7')
    const client = await mlflowClient(trackingServer(url, {}, { ca }), { patience: noDelay() })
    const body = Buffer.alloc(300_000, 7)
    async function* open(): AsyncGenerator<Uint8Array> {
      yield body.subarray(0, 100_000)
      yield body.subarray(100_000)
    }
    await uploadArtifact(client, '1/x', { size: body.length, open })
    expect(sent?.equals(body)).toBe(true)
  })
})
