import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { failureOf } from './error.ts'

type Build = (args: { request: { headers: Record<string, string>; body?: unknown } }) => Promise<unknown>

/** A command of the SDK, as far as headers are added to it. */
interface Buildable {
  middlewareStack: { add(middleware: (next: Build) => Build, options: { step: 'build'; name: string }): void }
}

/** How the server is made to notice a body that changed on its way. */
export type Proof =
  /** A signed crc32 of the body. Twice as fast as a sha256, on both sides; the answer tells whether the server has looked at it. */
  | { kind: 'crc32'; crc: string }
  /** The sha256 of the body in the signature, as every S3 server has checked from the beginning. */
  | { kind: 'sha256'; header: string }

/** Which of the two a server is to get: `crc32` until an answer shows that it does not check it. */
export class Integrity {
  #state: 'unknown' | 'crc32' | 'sha256' = 'unknown'

  prove(bytes: Uint8Array): Proof {
    if (this.#state === 'sha256') return { kind: 'sha256', header: hash('sha256', bytes, 'hex') }
    return { kind: 'crc32', crc: crc32Base64(bytes) }
  }

  /** True where the answer to a put shows that the body was checked; where not, it must be sent again. */
  accepts(proof: Proof, echoed: string | undefined): boolean {
    if (proof.kind === 'sha256') return true
    this.#state = echoed === proof.crc ? 'crc32' : 'sha256'
    return echoed === proof.crc
  }

  /** True where a refusal may be about the kind of proof: the request is worth repeating with the other one. */
  distrusts(proof: Proof, error: unknown): boolean {
    if (proof.kind === 'sha256' || this.#state === 'crc32') return false
    const failure = failureOf(error)
    if (failure === undefined || !MAY_BE_ABOUT_PROOF.has(failure.name)) return false
    this.#state = 'sha256'
    return true
  }
}

const MAY_BE_ABOUT_PROOF = new Set([
  'NotImplemented',
  'InvalidRequest',
  'InvalidArgument',
  'XAmzContentSHA256Mismatch',
  'InvalidDigest',
  'AccessDenied',
])

export function crc32Base64(bytes: Uint8Array): string {
  const value = Buffer.allocUnsafe(4)
  value.writeUInt32BE(crc32(bytes))
  return value.toString('base64')
}

export function md5(bytes: Uint8Array | string): string {
  return hash('md5', bytes, 'hex')
}

/** What the command's input says of the proof. */
export function checksumInput(proof: Proof): { ChecksumCRC32?: string } {
  return proof.kind === 'crc32' ? { ChecksumCRC32: proof.crc } : {}
}

/** Has the signature cover what the proof says, instead of a hash that the SDK would take of the body. */
export function withProof<C extends object>(command: C, proof: Proof, signed: boolean): C {
  const value = proof.kind === 'sha256' ? proof.header : 'UNSIGNED-PAYLOAD'
  return signed ? withHeader(command, 'x-amz-content-sha256', () => value) : command
}

/** Adds a header once the body is there. */
export function withHeader<C extends object>(command: C, name: string, value: (body: unknown) => string): C {
  const { middlewareStack } = command as unknown as Buildable
  const middleware = (next: Build): Build => {
    return (args) => {
      args.request.headers[name] = value(args.request.body)
      return next(args)
    }
  }
  middlewareStack.add(middleware, { step: 'build', name: `art ${name}` })
  return command
}

export function isStatus(error: unknown, status: number): boolean {
  return failureOf(error)?.status === status
}
