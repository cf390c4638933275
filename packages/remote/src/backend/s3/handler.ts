import http from 'node:http'
import https from 'node:https'
import tls from 'node:tls'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { TimeLimits } from '../../decorate/limits.ts'
import type { S3Options } from './options.ts'
import { proxyFor } from './proxy.ts'
import { tlsOptions } from './tls.ts'

interface Tunnel {
  proxy: URL
  /** What it leads to. */
  host: string
}

type Handle = NodeHttpHandler['handle']
type HttpRequest = Parameters<Handle>[0]

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
export class Handler {
  readonly metadata = { handlerProtocol: 'http/1.1' }
  readonly #options: HandlerOptions
  readonly #handlers = new Map<string, Promise<NodeHttpHandler>>()

  constructor(options: HandlerOptions) {
    this.#options = options
  }

  async handle(request: HttpRequest, options?: Parameters<Handle>[1]): ReturnType<Handle> {
    const target = new URL(`${request.protocol}//${request.hostname}${request.port ? `:${request.port}` : ''}`)
    const proxy = proxyFor(target, this.#options.env)
    if (proxy !== undefined && target.protocol === 'http:') {
      return (await this.#handler(proxy.protocol)).handle(throughProxy(request, target, proxy), options)
    }
    return (await this.#handler(target.protocol, proxy && { proxy, host: target.hostname })).handle(request, options)
  }

  destroy(): void {
    for (const handler of this.#handlers.values()) {
      handler.then(
        (made) => made.destroy(),
        () => {},
      )
    }
  }

  /** The SDK asks who handles requests for settings of its own; this one has none to share. */
  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): Record<string, never> {
    return {}
  }

  #handler(protocol: string, tunnel?: Tunnel): Promise<NodeHttpHandler> {
    const name = [protocol, tunnel?.proxy.href, tunnel?.host].join(' ')
    let handler = this.#handlers.get(name)
    if (handler === undefined) {
      handler = this.#make(protocol, tunnel)
      this.#handlers.set(name, handler)
    }
    return handler
  }

  async #make(protocol: string, tunnel?: Tunnel): Promise<NodeHttpHandler> {
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
    if (tunnel === undefined) {
      return new NodeHttpHandler({ ...bounds, httpsAgent: new https.Agent({ ...pool, ...secure }) })
    }
    const { HttpsProxyAgent } = await import('https-proxy-agent')
    const agent = new HttpsProxyAgent(tunnel.proxy, { ...pool, ...secure })
    // The agent keeps these for its connection to the proxy and forgets them for the one through it. That one is secure, which the agent would
    // otherwise read from the call stack.
    Object.assign(agent.options, secure, { secureEndpoint: true })
    // And it forgets which address the certificate has to be for, where that is no name.
    const checkServerIdentity = (_: string, certificate: tls.PeerCertificate) => {
      return tls.checkServerIdentity(tunnel.host.replace(/^\[|\]$/g, ''), certificate)
    }
    Object.assign(agent.options, { checkServerIdentity })
    return new NodeHttpHandler({ ...bounds, httpsAgent: agent })
  }
}

/** The absolute form: proxies allow CONNECT to port 443 only, so plain HTTP is forwarded instead. */
function throughProxy(request: HttpRequest, target: URL, proxy: URL): HttpRequest {
  const forwarded = request.clone()
  if (proxy.username !== '') {
    const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
    forwarded.headers['proxy-authorization'] = `Basic ${Buffer.from(login).toString('base64')}`
  }
  forwarded.path = `http://${target.host}${request.path}`
  forwarded.protocol = proxy.protocol
  forwarded.hostname = proxy.hostname
  forwarded.port = Number(proxy.port || (proxy.protocol === 'https:' ? 443 : 80))
  return forwarded
}
