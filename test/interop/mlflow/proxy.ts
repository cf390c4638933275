import { once } from 'node:events'
import { createServer, type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Outcome, Work } from '../../e2e/harness.ts'

export interface Proxy {
  url: string
  /** Requests since `plan` was set. */
  count: number
  /**
   * Called at each request: `before` it is passed on, or `after` its answer came and before that is passed back, and waited for. True: it is dropped.
   * `what`: as `POST /api/2.0/mlflow/runs/create`.
   */
  plan: ((count: number, when: 'before' | 'after', what: string) => boolean | Promise<boolean>) | undefined
  close(): Promise<void>
}

/** Stands between art and a server, and breaks connections where a test says. */
export async function startProxy(target: string): Promise<Proxy> {
  const server = createServer((incoming, outgoing) => void pass(incoming, outgoing))
  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const count = ++proxy.count
    const what = `${incoming.method} ${incoming.url?.split('?', 1)[0]}`
    if (await proxy.plan?.(count, 'before', what)) return void incoming.destroy()
    const { host, port } = new URL(target)
    const headers = { ...incoming.headers, host }
    const passed = requestHttp({ host: '127.0.0.1', port, method: incoming.method, path: incoming.url, headers })
    incoming.on('error', () => passed.destroy())
    incoming.pipe(passed)
    try {
      const [answer] = (await once(passed, 'response')) as [IncomingMessage]
      if (await proxy.plan?.(count, 'after', what)) {
        answer.resume()
        return void outgoing.destroy()
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    } catch {
      outgoing.destroy()
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy: Proxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    count: 0,
    plan: undefined,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return proxy
}

/**
 * Runs `art` against the server behind a proxy, and kills it at a request, the one with that number, from 1, or the first whose address ends in that:
 * before it is passed on, or after its answer came. How it ended.
 */
export async function killedAt(
  proxy: Proxy,
  work: Work,
  { at, when = 'after' }: { at: number | string; when?: 'before' | 'after' },
  ...args: string[]
): Promise<Outcome['code']> {
  let pid = 0
  proxy.count = 0
  proxy.plan = (count, then, what) => {
    if ((typeof at === 'number' ? count !== at : !what.endsWith(at)) || then !== when) return false
    process.kill(pid, 'SIGKILL')
    return true
  }
  const env = { MLFLOW_TRACKING_URI: proxy.url }
  const { code } = await work.artWith({ env, onStart: (started) => (pid = started) }, ...args)
  proxy.plan = undefined
  return code
}
