export type Phase =
  | 'scan'
  | 'add'
  | 'checkout'
  | 'upload'
  | 'download'
  | 'check'
  | 'export'
  | 'measure'
  | 'python'
  | 'release'

/** What a long operation tells while it runs. Nobody in the library prints; whoever listens may. */
export type ArtEvent =
  /**
   * There is this much more to do; negative: less, since some of it did not come. Of `check`, files are artifacts, of `release` versions. With a `name`, of
   * one thing among several, figures are of that alone.
   */
  | { type: 'phase'; phase: Phase; files?: number; bytes?: number; name?: string }
  /** Work done since the last event of that phase; what turned out to need nothing counts. */
  | { type: 'progress'; phase: Phase; files?: number; bytes?: number }
  /** `path` as it is typed in the current folder, or what else the message is about: an object's key. */
  | { type: 'warning'; message: string; path?: string }
  | { type: 'request'; method: string; key: string; milliseconds: number; status?: number; attempt?: number }

/** The last parameter of every asynchronous call. */
export interface CallOptions {
  signal?: AbortSignal | undefined
  onEvent?: ((event: ArtEvent) => void) | undefined
}
