import { ArtError, type ArtErrorCode, type ErrorDetail } from '../error.ts'

/** An error as it crosses between threads: structured cloning would lose its class. */
export interface WireError {
  art: boolean
  code: string
  message: string
  path?: string | undefined
  hint?: string | undefined
  retryable?: boolean | undefined
  details?: readonly ErrorDetail[] | undefined
  stack?: string | undefined
}

export function toWire(error: unknown): WireError {
  if (error instanceof ArtError) {
    const { code, message, path, hint, retryable, details, stack } = error
    return { art: true, code, message, path, hint, retryable, details, stack }
  }
  const { code, message, path, stack } = error as NodeJS.ErrnoException
  return { art: false, code: code ?? '', message: message ?? String(error), path, stack }
}

export function fromWire(wire: WireError): Error {
  if (wire.art) return new ArtError(wire.code as ArtErrorCode, wire.message, wire)
  return Object.assign(new Error(wire.message), {
    ...(wire.code === '' ? {} : { code: wire.code }),
    ...(wire.path === undefined ? {} : { path: wire.path }),
    ...(wire.stack === undefined ? {} : { stack: wire.stack }),
  })
}
