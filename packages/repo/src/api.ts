import type { ArtErrorCode, CallOptions, Oid } from '@art/core'
import type { YamlMap } from '@art/core/yaml/plain.ts'
import type { FactChange, ModelDifference } from './view-api.ts'

/** Something that went wrong for one path while the rest went on. */
export interface Failure {
  path: string
  code: ArtErrorCode
  message: string
  hint?: string
}

export interface ByteCounts {
  /** Size of the artifacts as the user sees them. */
  logical: number
  /** Bytes of chunks that the other side lacked. */
  new: number
  /** Bytes that went over the wire. */
  transferred: number
  /** Bytes that were stored, after compression. */
  stored: number
}

export interface InitOptions {
  cwd: string
  subdir?: boolean
  git?: boolean
  force?: boolean
  environment?: NodeJS.ProcessEnv
}
export interface InitResult {
  root: string
  /** Files that git should commit, relative to `root`. */
  gitPaths: string[]
}

/** What the `checkpoint` block of a pointer says of a model: docs/formats.md. */
export interface CheckpointFacts {
  /** Absent where somebody edited the pointer. */
  format?: string
  parameters?: number
  /** `sha256:` and 64 hex digits. */
  weights?: string
  epoch?: number
  step?: number
  /** Version of torch, from the file; or else of the one that was installed where it was added. */
  torch?: string
  torchInstalled?: string
  /** `nan`, `inf` and `-inf` are texts. */
  metrics: Record<string, number | string>
  config: Record<string, ConfigScalar | readonly ConfigScalar[]>
  /** Names of what is not told: secrets, long texts, what did not fit. */
  leftOut?: string[]
  scan?: 'unsafe'
  unsafeImports?: string[]
}
export type ConfigScalar = string | number | boolean

/** What people say of an artifact: docs/formats.md, "Facts by hand". */
export interface GivenFacts {
  /** Of this very content; `nan`, `inf` and `-inf` are texts. */
  metrics: Record<string, number | string>
  meta: Record<string, ConfigScalar | readonly ConfigScalar[]>
  desc?: string
  labels: string[]
}

/** What is to be said; null and an empty text take away, as a `-` before a label does. */
export interface FactsToGive {
  metrics?: Record<string, number | string | null>
  meta?: Record<string, ConfigScalar | null>
  desc?: string
  labels?: string[]
}

/** What is known of a file that art has made: it stands in place of what its pointer said of an earlier one. */
export interface MadeFacts {
  origin: YamlMap
  /** Of what it was made of, if it is known to compute the same. */
  metrics: YamlMap
}

export interface AddOptions extends CallOptions {
  /** Goes into the pointers of all that is named; of an artifact whose data is not here only these change. */
  facts?: FactsToGive
  update?: boolean
  dereference?: boolean
  glob?: boolean
  dryRun?: boolean
  /** For the pointer of what art itself has made. */
  made?: MadeFacts
}
export interface AddedArtifact {
  path: string
  pointer: string
  oid: Oid
  size: number
  files?: number
  /** Of a model. */
  checkpoint?: CheckpointFacts
  /** What people said of it. */
  given?: GivenFacts
  state: 'added' | 'updated' | 'unchanged'
}
export interface AddResult {
  added: AddedArtifact[]
  failed: Failure[]
  /** What `git add` should be given; empty without git. */
  gitPaths: string[]
  /** True when autostage has already given them to git. */
  staged: boolean
}

export type ArtifactState = 'ok' | 'modified' | 'missing' | 'not-in-cache' | 'new'
export interface StatusOptions extends CallOptions {
  cloud?: boolean
  remote?: string
}
export interface ArtifactStatus {
  path: string
  pointer: string
  state: ArtifactState
  size: number
  files?: number
  /** `modified` because the pointer moved on: the data is as art last left it, so nothing would be lost by a checkout. */
  outdated?: true
  /** Files of a directory that are not in the workspace, and not in the cache either: `art add` would record them as removed. */
  absent?: number
  /** Counts inside a directory that differs. */
  changes?: { added: number; modified: number; removed: number }
  /** With `cloud`: does the remote hold it? */
  cloud?: 'ok' | 'missing' | 'incomplete'
}
export interface StatusResult {
  clean: boolean
  artifacts: ArtifactStatus[]
  failed: Failure[]
}

export interface CheckoutOptions extends CallOptions {
  force?: boolean
  relink?: boolean
  dryRun?: boolean
}
export interface CheckoutResult {
  /** Artifacts by what happened to them. */
  added: string[]
  modified: string[]
  removed: string[]
  unchanged: string[]
  files: number
  bytes: number
  failed: Failure[]
  /** Pointers and ignore files that were written, since releases were named: git sees them as changes. */
  pointers?: string[]
}

export interface TransferOptions extends CallOptions {
  remote?: string
  jobs?: number
  allBranches?: boolean
  allTags?: boolean
  allCommits?: boolean
  rev?: string[]
  dryRun?: boolean
}
export interface TransferResult {
  remote: string
  artifacts: number
  files: number
  bytes: ByteCounts
  /** What neither side has, each named. */
  failed: Failure[]
  /** With `dryRun`: what would travel. */
  would?: { path: string; size: number }[]
}
export interface PullOptions extends TransferOptions {
  force?: boolean
}
export interface PullResult extends TransferResult {
  checkout: CheckoutResult
}

export interface DiffOptions extends CallOptions {
  /** Older side; HEAD by default. */
  from?: string
  /** Newer side; the workspace by default. */
  to?: string
  paths?: string[]
  /** Compare the tensors of models that changed. */
  tensors?: boolean
}
export interface DiffEntry {
  path: string
  state: 'added' | 'modified' | 'removed' | 'renamed'
  /** Where a renamed one was before. */
  previousPath?: string
  size?: number
  previousSize?: number
  oid?: Oid
  previousOid?: Oid
}
export interface DiffArtifact extends DiffEntry {
  files?: DiffEntry[]
  /** Of a model: figures of its pointers that changed. */
  facts?: FactChange[]
  /** Of a model: its weights digest is the same, whatever else changed. */
  sameWeights?: boolean
  /** Of a model, with `tensors`. */
  model?: ModelDifference
}
export interface DiffResult {
  from: string
  to: string
  artifacts: DiffArtifact[]
  /** With `tensors`: models that could not be compared. */
  failed?: Failure[]
}

export interface MoveResult {
  from: string
  to: string
  gitPaths: string[]
  /** True when autostage has already given them to git. */
  staged: boolean
}
export interface RemoveOptions {
  /** Delete the data in the workspace too. */
  outs?: boolean
  force?: boolean
  dryRun?: boolean
}
export interface RemoveResult {
  /** `dataStays`: it is in the workspace, and git no longer ignores it. */
  removed: { path: string; pointer: string; dataDeleted: boolean; dataStays: boolean }[]
  failed: Failure[]
  gitPaths: string[]
  staged: boolean
}

export interface InstallOptions {
  remove?: boolean
  /** How hooks start art where it is not in PATH: Node and the entry script, absolute. */
  program?: { node: string; script: string }
}
export interface InstallResult {
  hooksPath: string
  installed: string[]
  chained: string[]
  removed: string[]
  /** Files that changed and that git should commit, relative to the repository's root. */
  gitPaths: string[]
}

export interface CheckOptions extends CallOptions {
  /** Look at these paths only; all that is staged by default. */
  paths?: string[]
  /** Look at the remote too. */
  pushed?: boolean
  remote?: string
}
export interface CheckProblem extends Failure {
  hint: string
}
export interface CheckResult {
  ok: boolean
  checked: number
  problems: CheckProblem[]
}

export interface ConfigEntry {
  key: string
  value: string
  level: 'system' | 'global' | 'project' | 'local' | 'environment' | 'default'
  /** File or variable that it comes from. */
  origin: string
}

/** A configuration file that was written. */
export interface ConfigChange {
  path: string
  /** Relative to the root: what git should commit, empty for files that git ignores. */
  gitPaths: string[]
}

export interface RemoteEntry {
  name: string
  url: string
  default: boolean
}
export interface RemoteProbe {
  name: string
  url: string
  /** One line a fact: what was tried and what came back. */
  steps: { name: string; ok: boolean; detail: string }[]
  ok: boolean
  writable: boolean
  conditionalPut: boolean
  compression: boolean
}
