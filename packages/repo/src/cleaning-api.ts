import type { Failure } from './api.ts'
import type { CallOptions } from '@art/core'
import type { Hold } from '@art/registry/prune/select.ts'

/** What verbs take and give: du, prune, archive. */

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

// prune

export interface PruneOptions extends CallOptions {
  /** Of each training, how many of the best stay. */
  keepBest?: number
  /** How many of the newest stay. */
  keepLast?: number
  /** The metric; the one that `compare` sorts by where none is named. */
  by?: string
  direction?: 'highest' | 'lowest'
  /** All that match are ranked together, whatever their names say. */
  together?: boolean
  dryRun?: boolean
  /** False: the remote is not asked what would be freed there. */
  cloud?: boolean
  remote?: string
}

/** Why it stays. */
export type PruneReason = Hold

export interface PrunedArtifact {
  path: string
  pointer: string
  oid: string
  size: number
  epoch: number | null
  /** The metric; `nan`, `inf`, `-inf` are texts. */
  value: number | string | null
  /** It was in the workspace. */
  dataDeleted: boolean
}

export interface KeptArtifact extends Pick<PrunedArtifact, 'path' | 'size' | 'epoch' | 'value'> {
  reasons: PruneReason[]
}

export interface PruneResult {
  pruned: PrunedArtifact[]
  kept: KeptArtifact[]
  by: string | null
  direction: 'highest' | 'lowest'
  bytes: {
    /** Of files that went from the workspace. */
    workspace: number
    /** That the cache holds for what went alone: for `gc`. */
    cache: number
    /** The same of the remote; null where it was not asked. */
    remote: number | null
  }
  remote?: string
  /** Other branches and tags that name some of what went, so that `gc` may keep it. */
  heldBy: { ref: string; artifacts: number }[]
  /** What brings it all back until `gc`, by `undoPrune` with that commit, or by hand: its files for `git checkout`, then artifacts for `art checkout`. */
  undo: { commit: string; files: string[]; artifacts: string[] } | null
  failed: Failure[]
  gitPaths: string[]
  staged: boolean
}

/** What came back. */
export interface PruneUndoResult {
  /** Paths of artifacts. */
  restored: string[]
  failed: Failure[]
  gitPaths: string[]
  staged: boolean
}

// archive, unarchive

export interface ArchiveOptions extends CallOptions {
  dryRun?: boolean
  /** A tar.gz to write: data, pointers and metadata. */
  tar?: string
  /** With `tar`: replace the file that is there. */
  force?: boolean
  /** The bytes must be on this remote instead of the default one. */
  remote?: string
}

export interface ArchivedArtifact {
  /** Where it is now, among what is archived. */
  path: string
  pointer: string
  /** Where it was; null for a release whose data was in the workspace no longer. */
  from: string | null
  oid: string
  size: number
  /** As `name@v1.0.0`. */
  release?: string
  /** Its data was in the workspace. */
  dataDeleted: boolean
}

export interface ArchiveResult {
  archived: ArchivedArtifact[]
  /** Of the remote that has the bytes. */
  remote: string
  /** `models.yaml` and registry files that changed. */
  files: string[]
  tar?: { path: string; size: number }
  failed: Failure[]
  gitPaths: string[]
  staged: boolean
}

export interface UnarchivedArtifact {
  /** Where it is again; null for a release whose data was in the workspace no longer. */
  path: string | null
  /** Where it was among what is archived. */
  from: string
  oid: string
  size: number
  release?: string
  /** `not-in-cache`: `art pull` brings it. */
  state: 'ok' | 'not-in-cache' | 'none'
}

export interface UnarchiveResult {
  unarchived: UnarchivedArtifact[]
  files: string[]
  failed: Failure[]
  gitPaths: string[]
  staged: boolean
}
