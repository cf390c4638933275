import type { CallOptions, Oid } from '@art/core'
import type { Figure } from './view-api.ts'

/** What verbs on versions take and give. */

/** `art release` */
export interface ReleaseOptions extends CallOptions {
  /** Instead of what the facts ask for. */
  bump?: 'major' | 'minor' | 'patch'
  /** This very version; pre-releases too. */
  version?: string
  /** What a person says of it: into the tag, and into the commit. */
  message?: string
  /** Send branch and tag: to this git remote, or for `true` where git would. */
  push?: boolean | string
  /** `false`: tag HEAD, and leave the files to `art models --fix`. */
  commit?: boolean
  /** Release the content of the last release again. */
  allowEqual?: boolean
  /** Make nothing. */
  dryRun?: boolean
  /** The remote of art that must have the content, instead of the default one. */
  remote?: string
}
export interface ReleasedFile {
  /** Relative to the root. */
  path: string
  state: 'added' | 'modified' | 'removed'
}
export interface ReleasedMetric {
  name: string
  /** Of the version that it follows; absent where that has none. */
  before?: Figure
  after?: Figure
  /** The one that counts, and which end of it is the better one. */
  deciding?: 'highest' | 'lowest'
}
export interface ReleaseResult {
  model: string
  /** Of the data, relative to the root. */
  path: string
  /** models.yaml does not describe the model: the path was found by its name. */
  assumed: boolean
  version: string
  /** The version that it follows; null for the first. */
  from: string | null
  /** Null where the version was given. */
  bump: 'major' | 'minor' | 'patch' | null
  /** Why this version. */
  why: string[]
  /** What whoever decides should know besides. */
  notes: string[]
  tag: string
  oid: Oid
  size: number
  parameters?: number
  weights?: string
  metrics: ReleasedMetric[]
  /** In the commit; empty without one. */
  files: ReleasedFile[]
  /** The commit that holds the pointer; full hash. */
  gitCommit: string
  /** The commit that the tag is of; null in a dry run. */
  commit: string | null
  /** The branch that got the commit; null without one. */
  branch: string | null
  pushed: { remote: string; branch?: string } | null
  dryRun: boolean
  /** Files that were left in the working tree as somebody had changed them meanwhile. */
  left: string[]
  /** The command that sends it; null where it is sent, or nowhere to send to. */
  next: string[] | null
}
