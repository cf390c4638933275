import type { IncomingHttpHeaders } from 'node:http'

export interface ConnectionFault {
  kind: 'refuse' | 'cut' | 'stall' | 'flip'
  direction?: 'answer' | 'request'
  /** Bytes in that direction that pass before. */
  after?: number
  /** Connections that it happens to. */
  times?: number
}

export declare function startFaultProxy(endpoint: string): Promise<{
  endpoint: string
  fault(next: ConnectionFault): void
  heal(): void
  connections(): number
  stop(): Promise<void>
}>

export declare function startForwardProxy(options?: { login?: string }): Promise<{
  url: string
  seen: { tunnels: string[]; requests: string[] }
  stop(): Promise<void>
}>

export declare function startTlsProxy(
  endpoint: string,
  certificate: { key: string; cert: string },
): Promise<{ endpoint: string; stop(): Promise<void> }>

export interface RecordedRequest {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: Buffer
}

export declare function startRecorder(
  answer: (request: RecordedRequest) => { status?: number; headers?: Record<string, string>; body?: string | Buffer },
): Promise<{ endpoint: string; requests: RecordedRequest[]; stop(): Promise<void> }>
