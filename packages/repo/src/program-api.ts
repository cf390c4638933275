import type { ProgramFlags } from './export/request.ts'
import type { Format } from '@art/checkpoint'
import type { CallOptions } from '@art/core'
import type { Figure } from './view-api.ts'

/** What verbs take and give: exports by the Python of the user. */

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
  /** Of the source. */
  parameters: number
  /** Those of the product itself, which may be others: exporters fold and rename tensors. Null where it is not added, or tells none. */
  own: { parameters: number; weights: string } | null
  /** What the pointer of the product has of the source's metrics. */
  metrics: Record<string, Figure>
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
