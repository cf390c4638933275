import type { CallOptions } from '@art/core'
import type { FoundImport, ScanFormat, Verdict, WeightsOnly } from '@art/checkpoint/scan/scan.ts'
import type { Failure } from './api.ts'

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
