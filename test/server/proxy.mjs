// A TCP proxy that does to connections what bad networks do, and servers that stand between a client and an S3 server on purpose.
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'

/** @param {net.Server | http.Server} server */
async function listen(server) {
  /** @type {Set<net.Socket>} */
  const sockets = new Set()
  const keep = (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  }
  server.on('connection', keep)
  server.on('secureConnection', keep)
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(undefined))
  })
  const address = server.address()
  const stop = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return { port: typeof address === 'object' && address ? address.port : 0, stop, keep }
}

/** Takes bytes until the fault strikes; true once it has. */
class Strike {
  constructor(fault) {
    this.fault = fault
    this.passed = 0
  }

  /** Sends on what may still pass, and does to the rest what the fault says. */
  pass(bytes, from, to) {
    const { kind, after = 0 } = this.fault
    const room = Math.max(0, after - this.passed)
    this.passed += bytes.length
    if (bytes.length <= room) return to.write(bytes)
    if (kind === 'flip') {
      // Once: everything behind is as it was.
      this.fault = { ...this.fault, after: Number.POSITIVE_INFINITY }
      const flipped = Buffer.from(bytes)
      flipped[room] ^= 1
      return to.write(flipped)
    }
    if (room > 0) to.write(bytes.subarray(0, room))
    from.pause()
    if (kind !== 'cut') return true
    to.end()
    from.destroy()
    return true
  }
}

/**
 * Stands before the server at `endpoint`. `fault(...)` says what happens to the next connections: `refuse` closes them at once, `cut` after so many
 * bytes in one direction, `stall` keeps them open without a byte more, `flip` changes one bit. `times` connections, then all is well again.
 * @param {string} endpoint
 */
export async function startFaultProxy(endpoint) {
  const { hostname, port: target } = new URL(endpoint)
  let current = { kind: 'none', direction: 'answer', after: 0, times: 0 }
  let connections = 0
  const server = net.createServer((client) => {
    connections++
    const fault = current.times > 0 ? { ...current } : { kind: 'none', direction: 'answer' }
    current.times--
    if (fault.kind === 'refuse') return client.destroy()
    const upstream = net.connect(Number(target), hostname)
    keep(upstream)
    const strike = new Strike(fault)
    const join = (from, to, struck) => {
      from.on('data', (bytes) => (struck ? strike.pass(bytes, from, to) : to.write(bytes)))
      // A stalled connection tells nothing, not even that the other side is gone.
      if (fault.kind === 'stall') return
      from.on('end', () => to.end())
      from.on('close', () => to.destroy())
    }
    const struck = fault.kind !== 'none'
    join(client, upstream, struck && fault.direction === 'request')
    join(upstream, client, struck && fault.direction === 'answer')
  })
  const { port, stop, keep } = await listen(server)
  return {
    endpoint: `http://127.0.0.1:${port}`,
    fault: (next) => (current = { direction: 'answer', after: 0, times: Number.POSITIVE_INFINITY, ...next }),
    heal: () => (current = { kind: 'none', direction: 'answer', after: 0, times: 0 }),
    connections: () => connections,
    stop,
  }
}

/** A forward proxy: CONNECT tunnels and absolute-form requests, both counted; `login` is what it insists on, as `user:password`. */
export async function startForwardProxy({ login } = {}) {
  const seen = { tunnels: /** @type {string[]} */ ([]), requests: /** @type {string[]} */ ([]) }
  const wanted = login && `Basic ${Buffer.from(login).toString('base64')}`
  const allowed = (request) => wanted === undefined || request.headers['proxy-authorization'] === wanted
  const server = http.createServer((request, response) => {
    if (!allowed(request)) return response.writeHead(407).end()
    seen.requests.push(`${request.method} ${request.url}`)
    const { 'proxy-authorization': _, ...headers } = request.headers
    const onward = http.request(request.url, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  server.on('connect', (request, client) => {
    if (!allowed(request)) return client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    seen.tunnels.push(request.url)
    const { hostname, port } = new URL(`http://${request.url}`)
    const upstream = net.connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.pipe(client).pipe(upstream)
    })
    keep(upstream)
    upstream.on('error', () => client.destroy())
  })
  const { port, stop, keep } = await listen(server)
  return { url: `http://${login ? `${login}@` : ''}127.0.0.1:${port}`, seen, stop }
}

/** Ends TLS with a certificate of one's own and hands the requests to the server at `endpoint`, Host header and all. */
export async function startTlsProxy(endpoint, { key, cert }) {
  const { hostname, port: target } = new URL(endpoint)
  const server = https.createServer({ key, cert }, (request, response) => {
    const { method, url, headers } = request
    const onward = http.request({ hostname, port: target, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  const { port, stop } = await listen(server)
  return { endpoint: `https://127.0.0.1:${port}`, stop }
}

/**
 * An HTTP server that writes down what it is sent and answers what `answer` says, for headers that no real server here looks at.
 * @param {(request: { method: string, url: string, headers: http.IncomingHttpHeaders, body: Buffer }) =>
 *   { status?: number, headers?: Record<string, string>, body?: string | Buffer }} answer
 */
export async function startRecorder(answer) {
  const requests = []
  const server = http.createServer((request, response) => {
    const pieces = []
    request.on('data', (piece) => pieces.push(piece))
    request.on('end', () => {
      const { method, url, headers } = request
      const recorded = { method, url, headers, body: Buffer.concat(pieces) }
      requests.push(recorded)
      const { status = 200, headers: own = {}, body = '' } = answer(recorded)
      response.writeHead(status, own)
      response.end(body)
    })
  })
  const { port, stop } = await listen(server)
  return { endpoint: `http://127.0.0.1:${port}`, requests, stop }
}
