import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { trackingServer } from './server.ts'
import type { MlflowServer } from './server.ts'

export interface Received {
  method: string
  /** With its query. */
  path: string
  headers: IncomingMessage['headers']
  body: Buffer
}

/** A server that answers as a test says, and notes what it was asked. */
export interface FakeServer {
  url: string
  received: Received[]
  /** Answers every request; by default none, so that requests hang. */
  answer: (request: Received, response: ServerResponse) => void
  at(environment?: NodeJS.ProcessEnv): MlflowServer
  close(): Promise<void>
}

export async function fakeServer(): Promise<FakeServer> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('error', () => undefined)
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const received = { method, path: url, headers, body: Buffer.concat(pieces) }
      fake.received.push(received)
      fake.answer(received, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const fake: FakeServer = {
    url,
    received: [],
    answer: () => undefined,
    at: (environment = {}) => trackingServer(url, environment),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return fake
}

export function json(
  response: ServerResponse,
  value: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(value))
}

/** Waits for nothing, and notes how long it would have. */
export function noDelay(): { delay: (milliseconds: number) => Promise<void>; waited: number[] } {
  const waited: number[] = []
  return {
    waited,
    async delay(milliseconds) {
      waited.push(milliseconds)
    },
  }
}
