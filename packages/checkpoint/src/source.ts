import type { CallOptions } from '@art/core'

/** Bytes that can be read at any place: a file, a cached object, or chunk ranges of a remote. */
export interface Source {
  /** What errors and messages call it: a path, a key, a member inside a file. */
  readonly name: string
  /** In bytes. */
  readonly size: number
  /**
   * Exactly `length` bytes from `offset`. The bytes are the caller's until the next read of the same source. Fails with `CORRUPT` where
   * the range is not inside, and with whatever the medium fails with.
   */
  read(offset: number, length: number, options?: CallOptions): Promise<Uint8Array>
  /** Releases what it holds; called once, by whoever opened it. */
  close(): Promise<void>
}

/**
 * Files beside a model file, by a path relative to its folder with `/` between names: shards of an index, external data of an ONNX model.
 * Undefined where there is none. A path that leaves the folder, in whatever way, fails with `PATH_UNSAFE`.
 */
export type OpenBeside = (relative: string) => Promise<Source | undefined>
