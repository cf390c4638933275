import type { CallOptions } from '@art/core'
import type { Failure } from './api.ts'

// du

export interface DuOptions extends CallOptions {
  /** Ask the remote too. */
  cloud?: boolean
  /** Another one than the default. */
  remote?: string
}

/** Bytes of a store. */
export interface DuShare {
  /** Freed if this artifact alone went. */
  unique: number
  /** Of use to other artifacts too. */
  shared: number
}

export interface DuArtifact {
  path: string
  kind: 'file' | 'directory'
  /** Bytes of the artifact as the user sees it. */
  logical: number
  files?: number
  /** In the cache. `absent`: logical bytes that it lacks. */
  here: DuShare & { absent: number }
  /** `incomplete`: not everything that it needs is there. */
  remote?: DuShare & { state: 'ok' | 'missing' | 'incomplete' }
}

export interface DuResult {
  /** The largest first. */
  artifacts: DuArtifact[]
  /** Of those in `artifacts`; `stored`: what they take together, each byte once. */
  total: { logical: number; here: { stored: number; absent: number }; remote?: { stored: number } }
  /** All that is in the cache, and how much of it no pointer of the workspace names. */
  cache: { bytes: number; unnamed: number }
  remote?: string
  failed: Failure[]
}
