import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

export interface GitHttp {
  /** `http://127.0.0.1:<port>` */
  address: string
  stop(): void
}

/**
 * Serves the bare repositories of a folder by git's own `http-backend`, as web servers do. Paths that start with `/private/` want the user
 * `ada` with the password `secret`, and are those of the folder otherwise.
 */
export async function startGitHttp(folder: string, env: Record<string, string | undefined>): Promise<GitHttp> {
  const server: Server = createServer((request, response) => answer(folder, env, request, response))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as { port: number }
  const stop = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { address: `http://127.0.0.1:${port}`, stop }
}

const WANTED = `Basic ${Buffer.from('ada:secret').toString('base64')}`

function answer(
  folder: string,
  env: Record<string, string | undefined>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { pathname, search } = new URL(request.url!, 'http://host')
  const isPrivate = pathname.startsWith('/private/')
  if (isPrivate && request.headers.authorization !== WANTED) {
    response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end()
    return
  }
  const backend = spawn('git', ['http-backend'], {
    env: {
      ...env,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: isPrivate ? pathname.slice('/private'.length) : pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'],
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      GIT_PROTOCOL: request.headers['git-protocol'] as string | undefined,
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  backend.stdin.on('error', () => undefined)
  request.pipe(backend.stdin)
  const parts: Buffer[] = []
  backend.stdout.on('data', (part: Buffer) => parts.push(part))
  backend.once('close', () => {
    const whole = Buffer.concat(parts)
    const end = whole.indexOf('\r\n\r\n')
    const headers = whole
      .subarray(0, end)
      .toString()
      .split('\r\n')
      .map((line) => line.split(': ') as [string, string])
    const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200'
    for (const [name, value] of headers) if (name !== 'Status') response.setHeader(name, value)
    response.writeHead(Number.parseInt(status, 10)).end(whole.subarray(end + 4))
  })
}
