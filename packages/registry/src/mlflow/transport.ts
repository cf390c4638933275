import type { TlsSettings } from './server.ts'

/** Bytes to send. Reopens, so that a request can be made again. */
export interface Upload {
  size: number
  /** All of it, or bytes `start` (inclusive) to `end` (exclusive). */
  open(start?: number, end?: number): AsyncIterable<Uint8Array>
}

export interface HttpRequest {
  method: string
  url: URL
  headers: Record<string, string>
  body?: string | Upload
  signal: AbortSignal
}

export interface HttpAnswer {
  status: number
  header(name: string): string | undefined
  /** Ends early, and gives the connection back, where the loop over it does. */
  body: AsyncIterable<Uint8Array>
}

/** Sends one request. Redirects are answers like any other: following one would hand on what was sent. */
export type Send = (request: HttpRequest) => Promise<HttpAnswer>

/** Node's fetch; where TLS is to be checked differently, which fetch cannot be told, `node:https`. */
export async function transportFor(tls: TlsSettings | undefined): Promise<Send> {
  if (tls === undefined) return sendByFetch
  const { tlsTransport } = await import('./tls-transport.ts')
  return tlsTransport(tls)
}

const sendByFetch: Send = async ({ method, url, headers, body, signal }) => {
  const upload = typeof body === 'object' ? body : undefined
  const response = await fetch(url, {
    method,
    signal,
    redirect: 'manual',
    headers: upload === undefined ? headers : { ...headers, 'content-length': String(upload.size) },
    ...(typeof body === 'string' ? { body } : {}),
    ...(upload === undefined
      ? {}
      : upload.size === 0
        ? { body: new Uint8Array() }
        : { body: ReadableStream.from(upload.open()), duplex: 'half' }),
  })
  return {
    status: response.status,
    header: (name) => response.headers.get(name) ?? undefined,
    body: response.body ?? nothing(),
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
