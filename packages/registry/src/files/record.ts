import type { ModelEntry } from '../models-file/models-file.ts'
import type { Version } from '../version/version.ts'

/** A number; `nan`, `inf` and `-inf` are texts, since JSON has none of them. */
export type MetricValue = number | string

export type FactScalar = string | number | boolean

/** What is known of a released model without its bytes. */
export interface ReleaseFacts {
  format?: string
  parameters?: number
  epoch?: number
  step?: number
  /** Version of torch. */
  torch?: string
  /** Of the checkpoint, then of the metrics file of `models.yaml`, then what a person wrote into the pointer: the later one wins. */
  metrics: Record<string, MetricValue>
  config: Record<string, FactScalar | readonly FactScalar[]>
  /** What a person wrote into the pointer. */
  meta?: Record<string, FactScalar | readonly FactScalar[]>
  desc?: string
  labels?: readonly string[]
}

/** The metric that counts. */
export interface DecidingMetric {
  name: string
  value: MetricValue
  direction: 'highest' | 'lowest'
}

/** A release with all that its files say of it; made of git's objects alone, so that it can be made again at any time. */
export interface ReleaseRecord {
  model: string
  version: Version
  /** Name of the tag. */
  tag: string
  /** Date of the tag: ISO 8601 in UTC, whole seconds. */
  created: string
  /** Of the tag: `Name <mail>`. */
  author: string
  /** The commit that holds the pointer as it was released; full hash. */
  commit: string
  /** Of the data, relative to the root. */
  path: string
  /** 64 hex digits. */
  oid: string
  kind: 'f' | 'd'
  /** Bytes. */
  size: number
  /** `sha256:` and 64 hex digits. */
  weights?: string
  /** Of `models.yaml` as that commit has it. */
  entry: Omit<ModelEntry, 'name'>
  facts: ReleaseFacts
  /** Absent where the metric of `models.yaml` has no value, or nothing has. */
  deciding?: DecidingMetric
  /** `released`; the stage that counts most, see `statusOf`; `archived`; `deprecated`. */
  status: string
  /** Every stage that it holds, the last assigned last. */
  stages: readonly string[]
}
