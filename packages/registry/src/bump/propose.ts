import type { Bump } from '../version/version.ts'
import { listed } from '@art/core/listed.ts'
import type { ArchitectureChange } from './architecture.ts'
import { type BumpFigure, type Gain, gainOf, reaches } from './gain.ts'

/** What of a released model, or of one about to be, decides on its version. */
export interface BumpFacts {
  /** Weights digest. */
  weights?: string | undefined
  parameters?: number | undefined
  dataset?: string | undefined
  /** Hyperparameters as texts that are equal where they are. */
  config: ReadonlyMap<string, string>
  metrics: ReadonlyMap<string, BumpFigure>
}

export interface BumpQuestion {
  before: BumpFacts
  after: BumpFacts
  /** Undefined where a tensor table is missing. */
  architecture: ArchitectureChange | undefined
  /** The metric that counts. */
  deciding?: { name: string; direction: 'highest' | 'lowest' } | undefined
  /** By how much it must be better for a major version: see `gainOf`. */
  majorGain: number
}

export interface BumpProposal {
  bump: Bump
  /** What asks for this bump, and for none above it. */
  why: string[]
  /** What whoever decides should know besides. */
  notes: string[]
}

/**
 * Which part of a version a change asks for: the architecture, or a metric that is much better, the first; another configuration or dataset the
 * second; the rest, new weights by the same recipe or nothing but metadata, the third.
 */
export function proposeBump(question: BumpQuestion): BumpProposal {
  const notes: string[] = []
  const major = [...architectureReasons(question, notes), ...gainReasons(question, notes)]
  if (major.length > 0) return { bump: 'major', why: major, notes }
  const minor = [...datasetReasons(question), ...configReasons(question)]
  if (minor.length > 0) return { bump: 'minor', why: minor, notes }
  return { bump: 'patch', why: [patchReason(question)], notes }
}

function architectureReasons({ before, after, architecture }: BumpQuestion, notes: string[]): string[] {
  if (architecture !== undefined) return architecture.same ? [] : [`the architecture changed: ${counted(architecture)}`]
  // The digest is of names and shapes too.
  if (before.weights !== undefined && before.weights === after.weights) return []
  if (before.parameters !== undefined && after.parameters !== undefined && before.parameters !== after.parameters)
    return [`the architecture changed: ${before.parameters} parameters → ${after.parameters}`]
  const equal = before.parameters !== undefined && before.parameters === after.parameters
  const known = equal ? 'only that the number of parameters is the same is known' : 'nothing tells of the architecture'
  notes.push(`a tensor table is missing, so names and shapes were not compared: ${known}`)
  return []
}

function counted(change: ArchitectureChange): string {
  const kinds = (['added', 'removed', 'renamed', 'reshaped'] as const).filter((kind) => change[kind] > 0)
  const total = kinds.reduce((sum, kind) => sum + change[kind], 0)
  if (total === 1 && change.example !== undefined) return change.example
  const counts = kinds.map((kind, at) => `${change[kind]} ${at === 0 ? 'tensors ' : ''}${kind}`).join(', ')
  return change.example === undefined ? counts : `${counts} (${change.example}, …)`
}

function gainReasons({ before, after, deciding, majorGain }: BumpQuestion, notes: string[]): string[] {
  if (deciding === undefined) return []
  const { name, direction } = deciding
  const gain = gainOf(name, before.metrics.get(name), after.metrics.get(name), direction)
  if (gain === undefined) {
    notes.push(`${name} could not be compared: it is not known of both versions`)
    return []
  }
  if (reaches(gain, majorGain)) return [`${moved(gain)}: better by ${amount(gain)}, at least ${majorGain}`]
  if (gain.gain < 0) notes.push(`${moved(gain)} is worse`)
  return []
}

function moved({ name, before, after }: Gain): string {
  return `${name} ${short(before)} → ${short(after)}`
}

function amount({ gain, relative }: Gain): string {
  return relative ? `${short(gain * 100)} %` : short(gain)
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)))
}

function datasetReasons({ before, after }: BumpQuestion): string[] {
  if (before.dataset === after.dataset) return []
  return [`the dataset changed: ${before.dataset ?? 'none said'} → ${after.dataset ?? 'none said'}`]
}

const KEYS_SHOWN = 4

function configReasons({ before, after }: BumpQuestion): string[] {
  const keys = new Set([...before.config.keys(), ...after.config.keys()])
  const changed = [...keys].filter((key) => before.config.get(key) !== after.config.get(key))
  if (changed.length === 0) return []
  const texts = changed.map((key) => `${key} ${before.config.get(key) ?? 'none'} → ${after.config.get(key) ?? 'none'}`)
  return [`the configuration changed: ${listed(texts, KEYS_SHOWN)}`]
}

function patchReason({ before, after }: BumpQuestion): string {
  if (before.weights !== undefined && before.weights === after.weights)
    return 'the same weights: metadata alone changed'
  return before.weights === undefined || after.weights === undefined
    ? 'the same configuration and dataset'
    : 'other weights by the same configuration and dataset'
}
