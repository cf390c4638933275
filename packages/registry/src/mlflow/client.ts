import { ArtError, type CallOptions } from '@art/core'
import { failureOf, noMlflow, unreached } from './failure.ts'
import { isTooDeep, type Json, textOf } from './json.ts'
import { type PartSizes, partSizes } from './multipart.ts'
import { DEFAULT_PATIENCE, patiently, type Patience } from './patience.ts'
import { type MlflowServer, shownAddress } from './server.ts'
import { type HttpAnswer, type HttpRequest, type Send, transportFor, type Upload } from './transport.ts'
import { Watch } from './watch.ts'

/** Of an answer that is not a file: a hundred thousand files in a list. What it says takes up to thirty times as much memory. */
const MAX_JSON_BYTES = 16 << 20

const MAX_REDIRECTS = 3

export interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT'
  /** Below the server's base, such as `api/2.0/mlflow/runs/create`. */
  path: string
  query?: Record<string, string>
  body?: object
  /** What it is for, to be put after "refuses to". */
  what: string
  /** MLflow's error codes that are an answer: then the call gives undefined. */
  unless?: readonly string[]
  /** A call that may not be repeated after a failure that leaves open whether it was carried out; the caller looks, and calls again. */
  once?: true
}

/** A tracking server that is spoken to. Every request has its limits of time, and is made again where that may help. */
export interface Client {
  readonly server: MlflowServer
  readonly patience: Patience
  readonly parts: PartSizes
  readonly options: CallOptions
  call(call: Call): Promise<Json>
  /** The error of an answer that leaves open what was done; the same call may be made again. */
  vague(message: string): ArtError
  /** Sends the bytes of a file; gives the answer's headers. `foreign`: to a server that MLflow has named, without credentials. */
  upload(url: URL, body: Upload, what: string, headers?: { foreign: Record<string, string> }): Promise<HttpAnswer>
  /** The bytes of a file, at most `size`. A body that is longer or shorter fails with `CORRUPT`. Undefined where there is none of the name. */
  download(path: string, size: number | undefined, what: string): Promise<AsyncIterable<Uint8Array> | undefined>
}

export interface ClientOptions extends CallOptions {
  patience?: Partial<Patience>
  parts?: PartSizes
  send?: Send
}

export async function mlflowClient(server: MlflowServer, options: ClientOptions = {}): Promise<Client> {
  const patience = { ...DEFAULT_PATIENCE, ...options.patience }
  const send = options.send ?? (await transportFor(server.tls))
  // What is said of the server's certificate is not said of others.
  const sendElsewhere = options.send ?? (await transportFor(undefined))
  const own = server.authorization === undefined ? {} : { authorization: server.authorization }

  /** One request; redirects that stay with the server are followed where nothing was sent. */
  async function answerTo(
    request: Omit<HttpRequest, 'signal'>,
    watch: Watch,
    attempt: number,
    via = send,
  ): Promise<HttpAnswer> {
    let { url } = request
    for (let hop = 0; ; hop++) {
      const began = performance.now()
      const answer = await watch.during(via({ ...request, url, signal: watch.signal }))
      options.onEvent?.({
        type: 'request',
        method: request.method,
        key: url.pathname,
        milliseconds: performance.now() - began,
        status: answer.status,
        attempt,
      })
      const next = answer.status >= 300 && answer.status < 400 ? answer.header('location') : undefined
      const target = next === undefined || !URL.canParse(next, url.href) ? undefined : new URL(next, url)
      if (target?.origin !== url.origin || request.method !== 'GET' || hop === MAX_REDIRECTS) return answer
      url = target
    }
  }

  async function call(given: Call): Promise<Json> {
    const { method = given.body === undefined ? 'GET' : 'POST', path, query = {}, body, what, unless = [] } = given
    const url = new URL(path, server.base)
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value)
    const headers = { accept: 'application/json', 'content-type': 'application/json', ...own }
    const request = { method, url, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    const once = async (attempt: number): Promise<Json> => {
      const watch = new Watch(server, patience.answer, options.signal)
      try {
        const answer = await answerTo(request, watch, attempt)
        return await watch.during(understood(answer))
      } catch (error) {
        options.signal?.throwIfAborted()
        throw watch.reason ?? unreached(server, error)
      } finally {
        watch.end()
      }
    }
    const understood = async (answer: HttpAnswer): Promise<Json> => {
      const json = await readJson(answer)
      const { status } = answer
      if (status >= 200 && status < 300) {
        if (typeof json !== 'object' || json === null) throw noMlflow(server, status)
        return json
      }
      const code = textOf(json, 'error_code')
      if (code !== undefined && unless.includes(code)) return undefined
      if (status === 404 && (code === undefined || code === 'ENDPOINT_NOT_FOUND')) {
        if (unless.includes('ENDPOINT_NOT_FOUND')) return undefined
        throw noMlflow(server, status)
      }
      throw failureOf(server, answer, json, what)
    }
    return given.once ? await once(1) : await patiently(once, patience, options)
  }

  return {
    server,
    patience,
    parts: options.parts ?? partSizes({}),
    options,
    call,
    vague(message) {
      const path = shownAddress(server)
      return new ArtError('REMOTE_UNAVAILABLE', `MLflow's answer is of no use: ${message}`, { path, retryable: true })
    },
    async upload(url, body, what, headers) {
      const request = {
        method: 'PUT',
        url,
        headers: headers?.foreign ?? { 'content-type': 'application/octet-stream', ...own },
      }
      return await patiently(
        async (attempt) => {
          const watch = new Watch(server, patience.answer, options.signal, overall(patience, body.size))
          try {
            const watched = { size: body.size, open: () => watch.each(body.open()) }
            const answer = await answerTo({ ...request, body: watched }, watch, attempt, headers && sendElsewhere)
            const said = await watch.during(readJson(answer))
            if (answer.status >= 200 && answer.status < 300) return answer
            throw failureOf(server, answer, said, what)
          } catch (error) {
            options.signal?.throwIfAborted()
            throw watch.reason ?? unreached(server, error)
          } finally {
            watch.end()
          }
        },
        patience,
        options,
      )
    },
    async download(path, size, what) {
      const request = { method: 'GET', url: new URL(path, server.base), headers: own }
      const open = async (attempt: number): Promise<{ answer: HttpAnswer | undefined; watch: Watch }> => {
        const watch = new Watch(server, patience.answer, options.signal, overall(patience, size ?? 1e9))
        try {
          const answer = await answerTo(request, watch, attempt)
          if (answer.status === 200) return { answer, watch }
          const json = await watch.during(readJson(answer))
          watch.end()
          if (answer.status === 404) return { answer: undefined, watch }
          throw failureOf(server, answer, json, what)
        } catch (error) {
          watch.end()
          options.signal?.throwIfAborted()
          throw watch.reason ?? unreached(server, error)
        }
      }
      const { answer, watch } = await patiently(open, patience, options)
      return answer === undefined ? undefined : ofSize(server, watch, answer.body, size, what)
    },
  }
}

function overall({ answer, minRate }: Patience, size: number): number {
  return answer * 2 + (size / minRate) * 1000
}

async function readJson({ body }: HttpAnswer): Promise<Json> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of body) {
    size += piece.length
    if (size > MAX_JSON_BYTES) {
      throw new ArtError('REMOTE_REFUSED', `MLflow's answer is larger than ${MAX_JSON_BYTES >> 20} MiB`)
    }
    pieces.push(piece)
  }
  const bytes = Buffer.concat(pieces)
  if (isTooDeep(bytes)) throw new ArtError('REMOTE_REFUSED', "MLflow's answer is nested without an end")
  const text = bytes.toString('utf8')
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

async function* ofSize(
  server: MlflowServer,
  watch: Watch,
  body: AsyncIterable<Uint8Array>,
  size: number | undefined,
  what: string,
): AsyncGenerator<Uint8Array> {
  let received = 0
  try {
    for await (const piece of watch.each(body)) {
      received += piece.length
      if (size !== undefined && received > size) break
      yield piece
    }
  } catch (error) {
    throw watch.reason ?? unreached(server, error)
  } finally {
    watch.end()
  }
  if (size === undefined || received === size) return
  throw new ArtError(
    'CORRUPT',
    `MLflow announced ${size} bytes and sent ${received < size ? 'fewer' : 'more'}: it could not ${what}`,
    {
      path: shownAddress(server),
      retryable: received < size,
    },
  )
}
