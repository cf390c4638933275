import type { CallOptions, Oid } from '@art/core'

/** What verbs take and give: stages and time. */

/** Where the data of a version is. */
export interface VersionPlace {
  /** The commit that holds the pointer as it was released; of a tag that art did not make, the commit that the tag is of. */
  commit: string
  /** Null where neither the tag nor its commit tells. */
  oid: Oid | null
  /** Of the data, relative to the root. */
  path: string | null
  kind?: 'f' | 'd'
  /** Bytes. */
  size?: number
  /** `sha256:` and 64 hex digits. */
  weights?: string
}

// which

export interface WhichOptions extends CallOptions {
  /** ISO 8601. */
  at?: string
}
export interface WhichResult extends VersionPlace {
  name: string
  /** Null where the stage is that of a commit without a version, as GTO allows. */
  version: string | null
  stage?: string
  /** Of the version; of the stage where there is none. */
  tag: string
  /** When the version got the stage, or was released: ISO 8601 in UTC. */
  since: string
  /** Who gave it: `Name <mail>`. */
  by: string
  /** The time that was asked for. */
  at?: string
  /** The model is no longer to be used, says a tag. */
  deprecated?: true
}

// stage, unstage, rollback

export interface StageOptions extends CallOptions {
  /** Give the stage though requirements are not met, or again to the version that has it. */
  force?: boolean
  /** Why: it stands in the tag. */
  reason?: string
  /** Commit the files that tell of stages along with the tag; on by default. */
  commit?: boolean
  /** Send branch and tags, all or nothing: to this git remote, or for `true` where git would. */
  push?: boolean | string
  /** The remote that keeps data, for `pushed` and for scanning what is not here. */
  remote?: string
  dryRun?: boolean
}
export type UnstageOptions = Omit<StageOptions, 'force' | 'remote'> & {
  /** From every version that it was given to, so that none of them gets it back. */
  all?: boolean
}
export type RollbackOptions = Omit<StageOptions, 'force' | 'remote'>

/** One requirement of a stage. */
export interface JudgedRequirement {
  /** As the configuration has it. */
  requirement: string
  met: boolean
  /** What was found: `val_acc is 0.84`. */
  actual: string
}

/** A stage that went, or would go, from one version to another. */
export interface StageMove {
  name: string
  stage: string
  /** Who had the stage before, and who has it now; null for nobody. A commit stands for itself where it has no version. */
  from: string | null
  to: string | null
  /** Nothing was to be done; `tags` are those that a killed command had made. */
  unchanged: boolean
  /** That were made. */
  tags: string[]
  /** That were committed, relative to the root. */
  files: string[]
  /** The commit that was made. */
  filesCommit: string | null
  /** Files that were left in the working tree as somebody had changed them meanwhile. */
  left: string[]
  pushed: { remote: string; branch?: string } | null
  /** The command that sends it; null where it is sent, or nowhere to send to. */
  next: string[] | null
  dryRun: boolean
}
export interface StageResult extends StageMove, VersionPlace {
  version: string
  requirements: JudgedRequirement[]
  /** Why it was given though requirements were not met. */
  forced?: string
}
export interface UnstageResult extends StageMove {
  /** From whom it was taken. */
  versions: string[]
}
export interface RollbackResult extends StageMove, VersionPlace {
  version: string
}

// history

export interface HistoryOptions extends CallOptions {
  /** ISO 8601: leave out what came later. */
  at?: string
}
export interface HistoryEvent {
  kind: 'released' | 'withdrawn' | 'deprecated' | 'staged' | 'unstaged' | 'rolled-back' | 'exported'
  /** ISO 8601 in UTC. */
  date: string
  /** `Name <mail>`; null for an export that is not committed. */
  by: string | null
  /** Absent for an export. */
  tag?: string
  version?: string
  stage?: string
  /** Of a stage: who had it before and after; null for nobody. */
  from?: string | null
  to?: string | null
  /** What a person wrote into the tag. */
  text?: string
  /** Why the stage was given though requirements were not met. */
  forced?: string
  /** Of a release. */
  metrics?: Record<string, number | string>
  /** Of a release whose version `art archive` has put out of the way. */
  archived?: true
  /** What was exported; `path` and `oid` are of the product, `commit` is the first that has it. */
  export?: {
    format: string
    opset?: number
    torch: string
    exporter?: string
    comparedWith?: string
    maxAbsDiff?: number
  }
  commit?: string
  oid?: Oid
  path?: string
}
export interface HistoryResult {
  name: string
  /** The metric that counts; null where there is none. */
  metric: string | null
  /** Stages and who holds them; null where it is a commit without a version. */
  stages: { stage: string; version: string | null; since: string }[]
  /** The newest first. */
  events: HistoryEvent[]
}
