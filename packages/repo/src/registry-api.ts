import type { Format } from '@art/checkpoint'
import type { CallOptions, Oid } from '@art/core'
import type { DecidingMetric } from '@art/registry/files/record.ts'
import type { Hold } from '@art/registry/prune/select.ts'
import type { Figure } from './view-api.ts'
import type { ShownRelease } from './view-api.ts'
import type { Failure } from './api.ts'
import type { ProgramFlags } from './export/request.ts'

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

// art get

export interface GetOptions extends CallOptions {
  cwd: string
  environment?: NodeJS.ProcessEnv
  /** A branch, a tag or a commit of it. By default what it has now: its default branch, or the working tree of a folder. */
  rev?: string
  /** Where to, from `cwd`: a file, or a folder that is there. By default here, under its own name. */
  output?: string
  /** Replace what is there. */
  force?: boolean
  /** One of its remotes, instead of its default one. */
  remote?: string
  jobs?: number
}

export interface GetResult {
  /** The repository, as it was named. */
  source: string
  /** Path of the artifact in that repository. */
  artifact: string
  /** Where a part of a directory was named: which. */
  inside?: string
  /** What was written, from where the user is. */
  path: string
  kind: 'file' | 'directory'
  /** Of the whole artifact, as are the sizes. */
  oid: Oid
  size: number
  files?: number
  /** Full hash of the commit that says so; absent for a working tree. */
  commit?: string
  release?: ShownRelease
  /** `unchanged`: it was there already. */
  state: 'written' | 'unchanged'
  /** A cache of this machine, a remote of that repository, or nothing: it was there. */
  from: 'cache' | 'remote' | 'here'
  /** Name of the remote. */
  remote?: string
  bytes: { new: number; transferred: number }
}

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
  /** What brings it all back until `gc`: files of a commit for `git checkout`, then artifacts for `art checkout`. */
  undo: { commit: string; files: string[]; artifacts: string[] } | null
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

// art export --to torchscript|onnx

export interface ExportProgramOptions extends CallOptions, ProgramFlags {
  cwd: string
  environment?: NodeJS.ProcessEnv
  /** A Python, its environment's folder, or its name on PATH; by default that of the active environment. */
  python?: string
  /** Where to, from `cwd`: a file, or a folder that is there. By default beside the data. */
  output?: string
  remote?: string
  /** Overwrite a file that is something else. */
  force?: boolean
}
export interface ExportedProgram {
  /** What was exported, as it was named. */
  source: string
  /** The container that it was in. */
  from: Format
  format: 'torchscript' | 'onnx'
  /** Of the file, from where the user is. */
  path: string
  /** `unchanged`: it was there already. */
  state: 'written' | 'unchanged'
  size: number
  /** sha256 of the file, 64 hex digits. */
  oid: string
  /** `sha256:` and the weights digest of the source. */
  weights: string
  parameters: number
  /** Absolute path of the Python that made it. */
  python: string
  torch: string
  /** What of torch wrote it: `trace`, `script`, `dynamo`, `torchscript`. */
  exporter: string
  /** Of ONNX. */
  opset: number | null
  /** What ran it to compare it with the model; null where nothing was there to. */
  comparedWith: string | null
  /** The largest difference between outputs. */
  maxAbsDiff: number | null
  tolerance: number
  transferred: number
  /** Its pointer; null outside of a repository, where it is not added. */
  pointer: string | null
  /** What `git add` should be given. */
  gitPaths: string[]
  staged: boolean
}

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
  /** Nothing was to be done. */
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
