import http from 'node:http'
import https from 'node:https'
import type { HttpHandlerOptions, HttpRequest, HttpResponse, RequestHandler } from '@aws-sdk/types'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { TimeLimits } from '../../decorate/limits.ts'
import type { S3Options } from './options.ts'
import { proxyFor } from './proxy.ts'
import { tlsOptions } from './tls.ts'

export interface HandlerOptions extends Pick<S3Options, 'caBundle' | 'tlsVerify'> {
  limits: TimeLimits
  /** Most connections to one host. */
  sockets: number
  env?: NodeJS.ProcessEnv
}

/**
 * Sends the SDK's requests, each directly or through the proxy that the environment names for its host, with bounds on connecting and on silence.
 * The bound on the whole request comes with the request.
 */
export class Handler implements RequestHandler<HttpRequest, HttpResponse, HttpHandlerOptions> {
  readonly metadata = { handlerProtocol: 'http/1.1' }
  readonly #options: HandlerOptions
  readonly #handlers = new Map<string, Promise<NodeHttpHandler>>()

  constructor(options: HandlerOptions) {
    this.#options = options
  }

  async handle(request: HttpRequest, options?: HttpHandlerOptions): Promise<{ response: HttpResponse }> {
    const target = new URL(`${request.protocol}//${request.hostname}${request.port ? `:${request.port}` : ''}`)
    const proxy = proxyFor(target, this.#options.env)
    if (proxy !== undefined && target.protocol === 'http:') {
      const handler = await this.#handler(proxy.protocol)
      return handler.handle(throughProxy(request, target, proxy) as Parameters<NodeHttpHandler['handle']>[0], options)
    }
    const handler = await this.#handler(target.protocol, proxy)
    return handler.handle(request as Parameters<NodeHttpHandler['handle']>[0], options)
  }

  async destroy(): Promise<void> {
    for (const handler of this.#handlers.values()) (await handler.catch(() => undefined))?.destroy()
  }

  #handler(protocol: string, proxy?: URL): Promise<NodeHttpHandler> {
    const name = `${protocol} ${proxy?.href ?? ''}`
    let handler = this.#handlers.get(name)
    if (handler === undefined) {
      handler = this.#make(protocol, proxy)
      this.#handlers.set(name, handler)
    }
    return handler
  }

  async #make(protocol: string, proxy?: URL): Promise<NodeHttpHandler> {
    const { limits, sockets } = this.#options
    const pool = { keepAlive: true, maxSockets: sockets }
    const bounds = {
      connectionTimeout: limits.connect,
      socketTimeout: limits.idle,
      requestTimeout: limits.answer,
      throwOnRequestTimeout: true,
    }
    if (protocol !== 'https:') return new NodeHttpHandler({ ...bounds, httpAgent: new http.Agent(pool) })
    const secure = tlsOptions(this.#options, this.#options.env)
    if (proxy === undefined) {
      return new NodeHttpHandler({ ...bounds, httpsAgent: new https.Agent({ ...pool, ...secure }) })
    }
    const { HttpsProxyAgent } = await import('https-proxy-agent')
    const agent = new HttpsProxyAgent(proxy, { ...pool, ...secure })
    // The agent keeps these for its connection to the proxy and forgets them for the one through it.
    Object.assign(agent.options, secure)
    return new NodeHttpHandler({ ...bounds, httpsAgent: agent })
  }
}

/** The absolute form: proxies allow CONNECT to port 443 only, so plain HTTP is forwarded instead. */
function throughProxy(request: HttpRequest, target: URL, proxy: URL): HttpRequest {
  const headers = { ...request.headers }
  if (proxy.username !== '') {
    const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
    headers['proxy-authorization'] = `Basic ${Buffer.from(login).toString('base64')}`
  }
  return {
    ...request,
    headers,
    protocol: proxy.protocol,
    hostname: proxy.hostname,
    path: `http://${target.host}${request.path}`,
    port: Number(proxy.port || (proxy.protocol === 'https:' ? 443 : 80)),
  }
}
