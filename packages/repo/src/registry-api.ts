import type { CallOptions } from '@art/core'
import type { DecidingMetric } from '@art/registry/files/record.ts'

/** What verbs on versions take and give: a section for each. */

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
