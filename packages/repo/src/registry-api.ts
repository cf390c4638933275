import type { Figure } from './view-api.ts'
import type { CallOptions, Oid } from '@art/core'
import type { DecidingMetric } from '@art/registry/files/record.ts'

/** What verbs take and give: models and releases. */

// art models

export interface ModelsOptions extends CallOptions {
  /** Only these. */
  names?: readonly string[]
}
export interface ListedModel {
  name: string
  title?: string
  /** Of the artifact, from the root; of the latest version where models.yaml does not name the model. */
  path: string | null
  /** The greatest version; null where none is released. */
  latest: string | null
  /** When that was released: ISO 8601. */
  created?: string
  /** How many versions stand. */
  versions: number
  /** How many of them are archived; absent where none is. */
  archived?: number
  /** Which version holds each stage, by the stages' names. */
  stages: Record<string, string>
  /** `released`, a stage, `archived` or `deprecated`: of the latest version. */
  status?: string
  /** The metric that counts, of the latest version. */
  metric?: DecidingMetric
  /** 64 hex digits, of the latest version. */
  oid?: string
}
export interface ModelsResult {
  models: ListedModel[]
  /** Tags of versions of which nothing says what data they are of. */
  undescribed: string[]
}

// art models --check, art models --fix

export interface Disagreement {
  /** From the root. */
  path: string
  /** `simple_cnn@v1.0.0`; absent where it is about the file as a whole. */
  release?: string
  message: string
  /** Where the file must be put right by hand first. */
  hint?: string
}
export interface ModelsCheckResult {
  /** The files agree with the tags, those that are newer than HEAD aside. */
  ok: boolean
  /** Releases that were compared. */
  releases: number
  disagreements: Disagreement[]
  /** Tags that HEAD's files cannot know of yet: they are newer than HEAD. */
  behind: string[]
  /** Tags of versions of which nothing says what data they are of. */
  undescribed: string[]
}

export interface ModelsFixOptions extends CallOptions {
  /** By default true: else the files are written and left to the user. */
  commit?: boolean
}
export interface ModelsFixResult {
  /** Files that were written or removed, from the root. */
  files: { path: string; state: 'written' | 'removed' }[]
  /** What was wrong with them. */
  disagreements: Disagreement[]
  /** The commit that has them; absent where nothing had to change, and with `commit: false`. */
  commit?: string
  undescribed: string[]
}

// art models init

export interface ModelsInitOptions extends CallOptions {
  dryRun?: boolean
}
export interface ProposedModel {
  name: string
  path: string
  /** Where its facts come from: files, from the root. */
  from: string[]
}
export interface ModelsInitResult {
  /** `models.yaml`. */
  path: string
  /** `unchanged`: it names all models already. */
  state: 'written' | 'extended' | 'unchanged'
  added: ProposedModel[]
  /** Models that it named before. */
  kept: string[]
  /** Its text as it is now. */
  text: string
}

// art release

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
