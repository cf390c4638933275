import type { Format } from '@art/checkpoint'
import type { CallOptions } from '@art/core'
import type { DecidingMetric } from '@art/registry/files/record.ts'
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
