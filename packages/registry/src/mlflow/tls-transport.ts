import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { TlsSettings } from './server.ts'
import type { HttpAnswer, Send } from './transport.ts'

/** For servers whose certificate the usual authorities do not vouch for. */
export function tlsTransport({ ca, insecure }: TlsSettings): Send {
  return async ({ method, url, headers, body, signal }) => {
    const { promise, resolve, reject } = withResolvers<HttpAnswer>()
    const upload = typeof body === 'object' ? body : undefined
    const length = upload?.size ?? (typeof body === 'string' ? Buffer.byteLength(body) : undefined)
    const options = {
      method,
      signal,
      headers: length === undefined ? headers : { ...headers, 'content-length': String(length) },
    }
    const request =
      url.protocol === 'https:'
        ? requestHttps(url, { ...options, rejectUnauthorized: !insecure, ...(ca === undefined ? {} : { ca }) })
        : requestHttp(url, options)
    request.on('error', reject)
    request.on('response', (response) =>
      resolve({
        status: response.statusCode ?? 0,
        header: (name) => response.headers[name.toLowerCase()]?.toString(),
        body: response,
      }),
    )
    if (upload === undefined) request.end(body)
    // The server may answer, and hang up, before it has read all: then its answer is what counts.
    else void pipeline(Readable.from(upload.open()), request).catch(reject)
    return await promise
  }
}

/** `Promise.withResolvers` is not there before Node 22. */
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: unknown) => void } {
  let [resolve, reject]: [(value: T) => void, (reason: unknown) => void] = [() => undefined, () => undefined]
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
