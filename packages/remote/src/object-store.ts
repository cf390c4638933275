import type { CallOptions } from '@art/core'

export interface ObjectInfo {
  key: string
  size: number
  modified?: Date
}

/** Half-open: `start` ≤ byte < `end`. */
export interface ByteRange {
  start: number
  end: number
}

/** Bytes that can be read again from the start, so that a retry can replay them. */
export interface ByteSource {
  readonly size: number
  /** The bytes in order, in pieces of any size. */
  open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

/**
 * Which writing of an object is being read. The first get that is handed one fills it in; a later get that is handed the same one fails with
 * `REMOTE_DAMAGED` where the object has been written anew, so that the halves of two versions are never joined.
 */
export interface ObjectVersion {
  tag?: string
  /** Of the whole object, whatever range was asked for. */
  size?: number
}

export interface GetOptions extends CallOptions {
  range?: ByteRange
  version?: ObjectVersion
  /**
   * Memory that a store may read the whole of what is asked for into, where it fits: what it yields is then a view of it. Memory that is
   * touched for the first time is slow to get, so who reads much lends the same again.
   */
  memory?: Uint8Array | undefined
}

export interface PutOptions extends CallOptions {
  /** Write only where no such object exists. */
  ifNoneMatch?: '*'
}

export interface Capabilities {
  /** `put` with `ifNoneMatch` has one winner. Nothing relies on it for correctness. */
  conditionalPut: boolean
  /** Objects are reached without a network: no compression by default. */
  local: boolean
}

/** One line of what was looked at and what came back. */
export interface Finding {
  name: string
  ok: boolean
  detail: string
}

/**
 * A strongly consistent key-value store: S3 and its kin, a directory. Keys are `/`-separated and relative to the store's prefix; one with an
 * empty, `.` or `..` segment, a backslash or a NUL fails with `PATH_UNSAFE`. Every failure is an `ArtError` that names the key.
 */
export interface ObjectStore {
  readonly url: string
  /** Read it when it is needed: what a server can do may turn out only on the first try. */
  readonly capabilities: Capabilities
  /** undefined where no such object exists. */
  head(key: string, options?: CallOptions): Promise<ObjectInfo | undefined>
  /** Fails with `NOT_FOUND`; a range beyond the end fails with `REMOTE_DAMAGED`. Ending the loop early releases what it holds. */
  get(key: string, options?: GetOptions): AsyncIterable<Uint8Array>
  /**
   * All or nothing under its final name. `created: false`: with `ifNoneMatch`, the key existed already (perhaps by this very call, where the
   * answer to a first attempt was lost).
   */
  put(key: string, body: Uint8Array | ByteSource, options?: PutOptions): Promise<{ created: boolean }>
  /** Every object whose key starts with `prefix`, in any order. */
  list(prefix: string, options?: CallOptions): AsyncIterable<ObjectInfo>
  /** Deleting what is absent is no error. */
  delete(keys: Iterable<string>, options?: CallOptions): Promise<void>
  /** What the place does to objects by rules of its own, as far as these credentials may look; nothing where there are no such rules. */
  inspect?(options?: CallOptions): Promise<Finding[]>
  close?(): Promise<void>
}
