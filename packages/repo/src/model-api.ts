import type { Format } from '@art/checkpoint'
import type { CallOptions } from '@art/core'
import type { FoundImport, ScanFormat, Verdict, WeightsOnly } from '@art/checkpoint/scan/scan.ts'
import type { Failure, PullResult } from './api.ts'

/** What verbs on model files take and give. */
export interface ScanOptions extends CallOptions {
  cwd: string
  environment?: NodeJS.ProcessEnv
  /** Read contents from it that are not on this machine, by ranges; by default the default one. */
  remote?: string
}
export interface ScannedFile {
  /** As it was named, or below the folder that was. */
  path: string
  format?: ScanFormat
  verdict: Verdict
  /** Every byte that could be code was read. */
  complete: boolean
  imports: readonly FoundImport[]
  pickles: number
  /** Why it is not `safe`, as far as imports do not say it. */
  problems: readonly string[]
  notes: readonly string[]
  /** Whether `torch.load(weights_only=True)` takes it, and what keeps it from that. */
  weightsOnly: WeightsOnly
}
export interface ScanResult {
  /** The worst of all; `safe` where nothing was found. */
  verdict: Verdict
  scanned: ScannedFile[]
  /** Files in folders that are neither models nor pickles. */
  others: number
  failed: Failure[]
}

export interface ExportOptions extends CallOptions {
  cwd: string
  environment?: NodeJS.ProcessEnv
  /** Where to, from `cwd`: a file, or a folder that is there. By default beside the data. */
  output?: string
  remote?: string
  /** Overwrite a file that is something else. */
  force?: boolean
}
export interface ExportResult extends WrittenWeights {
  /** What was exported, as it was named. */
  source: string
  /** The container that it was in. */
  from: Format
  format: 'safetensors'
  transferred: number
}
/** A safetensors file with a model's weights. */
export interface WrittenWeights {
  /** Of the file, from where the user is. */
  path: string
  /** `unchanged`: it was there already. */
  state: 'written' | 'unchanged'
  size: number
  tensors: number
  parameters: number
  /** `sha256:` and the weights digest. */
  weights: string
  /** Git leaves the file alone; undefined outside a repository with git. */
  ignored?: boolean
}

export interface PullWeightsOptions extends CallOptions {
  remote?: string
  jobs?: number
  /** The pointers of this revision instead of the workspace's. */
  rev?: string
  /** Where to, from `repo.cwd`: only for one model. By default beside the data. */
  output?: string
  force?: boolean
  dryRun?: boolean
}
export interface PulledWeights extends WrittenWeights {
  /** Path of the artifact, from the root. */
  artifact: string
  /** Compared with the pointer's digest, or made from a content of this machine. */
  verified: boolean
}
/** `would` has the files that would be written, from where the user is. */
export interface PullWeightsResult extends PullResult {
  weights: PulledWeights[]
  /** Artifacts that are no models, or directories. */
  skipped: string[]
}
