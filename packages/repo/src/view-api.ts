import type { WeightsOnly } from '@art/checkpoint/scan/scan.ts'
import type { CallOptions, Oid } from '@art/core'
import type { CheckpointFacts, ConfigScalar, Failure, GivenFacts } from './api.ts'

/** What verbs that look at models take and give; every value is one that JSON has. */
export interface LookOptions extends CallOptions {
  cwd: string
  environment?: NodeJS.ProcessEnv
  /** Ask it for what is not on this machine, instead of the default remote. */
  remote?: string
}

/** `nan`, `inf` and `-inf` are texts. */
export type Figure = number | string
export type FactValue = ConfigScalar | readonly ConfigScalar[]

export interface ShownRelease {
  /** As it was named. */
  name: string
  model: string
  /** Absent for a stage that no version holds. */
  version?: string
  tag: string
  /** Full hash of the commit that holds the pointer. */
  commit: string
}

export interface ShowOptions extends LookOptions {
  /** Of the target, by default the workspace's. */
  rev?: string
  /** Read every tensor: sha256, mean, std, min, max, NaN. */
  stats?: boolean
}
export interface ShownTensor {
  /** The path in the object. */
  name: string
  dtype: string
  shape: readonly number[]
  bytes: number
  /** Its name among the weights; absent for one that is none. */
  weight?: string
  device?: string
  layout?: string
  sha256?: string
  statistics?: {
    mean?: Figure
    std?: Figure
    min?: Figure
    max?: Figure
    nan: number
    infinite: number
  }
}
export interface ShownOptimizer {
  path: string
  kind?: string
  groups: number
  lr: readonly Figure[]
  settings: Record<string, FactValue>
  steps?: number
  tensors: number
  bytes: number
}
export interface Share {
  name: string
  tensors: number
  bytes: number
}
export interface ShownPort {
  name: string
  dtype?: string
  shape?: readonly (number | string)[]
}
export interface ShowResult {
  /** As it was named. */
  name: string
  /** Of the artifact. */
  path?: string
  oid?: Oid
  /** Where one was named. */
  release?: ShownRelease
  size?: number
  /** The content is on this machine. */
  here: boolean
  /** What lies in the workspace, and this is of, is not what its pointer says. */
  differs?: true
  /** The command that brings it, where it is not. */
  bring?: string
  /**
   * Where what follows is from: the file itself, the tensor table that this machine made of it, a table as a remote has it, the file on a remote, or
   * the pointer, which lists no tensors.
   */
  from: 'file' | 'table' | 'remote-table' | 'remote' | 'pointer'
  format: string | null
  producer?: { name: string; version?: string }
  parameters: number | null
  /** `sha256:` and 64 hex digits; null where it was not computed. */
  weights: string | null
  tensors: ShownTensor[]
  metadata: Record<string, FactValue>
  epoch?: number
  step?: number
  resumeEpoch?: number
  torch?: string
  torchInstalled?: string
  /** With those that people gave, who have the last word. */
  metrics: Record<string, Figure>
  config: Record<string, FactValue>
  /** What people said of it, in its pointer. */
  given?: GivenFacts
  /** The first of `optimizers`. */
  optimizer?: ShownOptimizer
  optimizers: ShownOptimizer[]
  imports: string[]
  /** Those of them that can run anything. */
  unsafe: string[]
  /** Verdict of the scan; null where nothing of it is known. */
  scan: 'safe' | 'unknown' | 'unsafe' | null
  layers: (Share & { parameters: number })[]
  shared: string[][]
  dtypes: Share[]
  devices: Share[]
  /** Payloads of the weights, and of all other tensors. */
  weightBytes: number | null
  otherBytes: number | null
  graph?: { inputs: ShownPort[]; outputs: ShownPort[]; operators: Record<string, number>; nodes: number }
  /** Keys of the file that art does not tell: secrets, long texts. */
  leftOut: string[]
  /** What a reader should know of the file. */
  notes: string[]
}

export type { CheckpointFacts }

/** `before` is absent where it is new, `after` where it is gone. */
export interface FactChange {
  /** `val_acc`, `config.lr`, `optimizer.lr`. */
  name: string
  before?: FactValue
  after?: FactValue
}
export interface TensorSide {
  dtype: string
  shape: readonly number[]
  bytes: number
  statistics?: ShownTensor['statistics'] & object
}
export interface ChangedTensor {
  /** `unknown`: neither tables nor files could tell. */
  kind: 'added' | 'removed' | 'renamed' | 'reshaped' | 'changed' | 'unknown'
  name: string
  /** Of one that was renamed. */
  from?: string
  /** Of one that was added or removed: the weight that has the same content. */
  sameAs?: string
  before?: TensorSide
  after?: TensorSide
  /** Where both files are here. */
  distance?: { relativeL2?: Figure; maxDelta: Figure; cosine?: Figure; skipped: number }
}
export interface ModelDifference {
  /** One line for a person: `60 of 62 equal: head fine-tune`. */
  judgement: string
  /** Whether the weights are the same; null where that is not known. */
  same: boolean | null
  /** Weights that are the same in both. */
  equal: number
  /** All that are not, in the order of the files; empty where one side is known by its pointer alone. */
  tensors: ChangedTensor[]
  /** What one side has in front of all names. */
  prefix: { before: string; after: string }
  facts: FactChange[]
  /** Where each side is from, as `ShowResult.from`. */
  from: { before: ShowResult['from']; after: ShowResult['from'] }
  /** Of two that were named: those that were compared as they lie in the workspace, which is not what their pointers say. */
  differs?: string[]
  /** Commands that bring contents that are not here, where distances need them. */
  bring?: string[]
}
export interface ModelsDiffResult {
  from: string
  to: string
  artifacts: [{ path: string; state: 'modified'; previousPath: string; model: ModelDifference }]
}

export interface CompareOptions extends LookOptions {
  /** A metric, `epoch`, `step`, `parameters`, `size`, `name`, or `config.<key>`. */
  by?: string
  /** Instead of what the metric's name says. */
  direction?: 'highest' | 'lowest'
  /** Compare what these revisions have, instead of the workspace. */
  rev?: string[]
}
export interface ComparedModel {
  /** Its path, with `rev:` before it where it is of a revision. */
  name: string
  path: string
  rev?: string
  /** Where one was named. */
  release?: ShownRelease
  epoch: number | null
  step?: number
  /** With those that people gave, who have the last word. */
  metrics: Record<string, Figure>
  /** Names of the metrics that people gave. */
  given?: string[]
  config: Record<string, FactValue>
  format?: string
  parameters?: number
  weights?: string
  size?: number
  oid?: Oid
}
export interface CompareResult {
  /** The best first. */
  models: ComparedModel[]
  /** What they are sorted by; null where none of them has a metric: then by epoch, the latest first. */
  by: string | null
  direction: 'highest' | 'lowest'
  /** Keys of the configuration that are not the same in all. */
  differing: string[]
  /** Artifacts that matched and tell no figures. */
  others: number
  failed: Failure[]
}

export interface ResumeResult {
  /** Of the checkpoint, in the workspace. */
  path: string
  oid?: Oid
  /** `ok`: it was there. `checked-out`: it was brought. `modified`: what lies there is newer than its pointer, and is not touched. */
  state: 'ok' | 'checked-out' | 'fetched' | 'modified'
  epoch: number | null
  step?: number
  /** The epoch to start from; null where the checkpoint tells none. */
  startEpoch: number | null
  /** Absent for a directory whose optimizer is a file beside the model. */
  optimizer?: ShownOptimizer
  /** With those that people gave, who have the last word. */
  metrics: Record<string, Figure>
  /** Names of the metrics that people gave. */
  given?: string[]
  /** Checkpoints that matched. */
  considered: number
  /** Newer ones without optimizer state. */
  passed: string[]
}

export type DoctorCode =
  | 'missing'
  | 'elsewhere'
  | 'empty'
  | 'lfs-pointer'
  | 'art-pointer'
  | 'web-page'
  | 'damaged'
  | 'no-model'
  | 'other-library'
  | 'unsafe'
  | 'device'
  | 'torch-too-old'
  | 'torch-older'
  | 'no-torch'
  | 'weights-only'
  | 'imports'
export interface DoctorFinding {
  code: DoctorCode
  /** `error`: loading fails, or should not be done. `warning`: it may, on some machines or in some releases. `note`: what to know. */
  level: 'error' | 'warning' | 'note'
  message: string
  /** What to do, where there is something. */
  advice?: string
}
export interface DoctorResult {
  path: string
  /** No finding is an error. */
  ok: boolean
  format: string | null
  findings: DoctorFinding[]
  /** A call that loads it; null where none does. */
  load: string | null
  torch: {
    /** That wrote it, as the file says. */
    recorded?: string
    /** `add`: it was installed where the file was added, and need not have written it. */
    recordedBy?: 'file' | 'add'
    /** Of the active environment. */
    installed?: string
    /** The earliest release that has all that the file uses. */
    lowest?: string
    needs: { what: string; since: string }[]
  }
  /** Names that unpickling imports, beside those of torch and of Python's collections. */
  imports: string[]
  /** What `torch.load(weights_only=True)` says of it; null for what is no pickle of torch. */
  /** `classes` are to be allowed beside `globals`. */
  weightsOnly: (Omit<WeightsOnly, 'reason'> & { reason?: string }) | null
  devices: string[]
}
