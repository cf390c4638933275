export type Phase = 'scan' | 'add' | 'checkout' | 'upload' | 'download' | 'check' | 'export'

/** What a long operation tells while it runs. Nobody in the library prints; whoever listens may. */
export type ArtEvent =
  | { type: 'phase'; phase: Phase; files?: number; bytes?: number }
  /** Work done since the last event of that phase. */
  | { type: 'progress'; phase: Phase; files?: number; bytes?: number }
  | { type: 'warning'; message: string; path?: string }
  | { type: 'request'; method: string; key: string; milliseconds: number; status?: number; attempt?: number }

/** The last parameter of every asynchronous call. */
export interface CallOptions {
  signal?: AbortSignal | undefined
  onEvent?: ((event: ArtEvent) => void) | undefined
}
