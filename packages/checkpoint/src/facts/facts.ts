import type { CallOptions } from '@art/core'
import { moduleParts } from '../format/pytorch/module.ts'
import type { Format, ModelFile } from '../model-file.ts'
import type { StateDict } from '../weights/state-dict.ts'
import { isOptimizer } from '../weights/group.ts'
import { wordsOf } from '../words.ts'
import { CONFIG_KEYS, configOf } from './config.ts'
import type { Named } from './entries.ts'
import { type Fact, factOf, TEXT_MAX } from './fact.ts'
import { metadataRoot } from './metadata-root.ts'
import { metricsOf } from './metrics.ts'
import { type OptimizerFacts, optimizersOf } from './optimizer.ts'
import { parametersAmong } from './parameters.ts'
import { progressOf, torchVersionOf } from './progress.ts'
import { numberReader } from './read-number.ts'
import { isSecret, nameToTell } from './secret.ts'
import type { TrainerState } from './trainer-state.ts'

/** What a checkpoint says of itself, in figures. */
export interface Facts {
  readonly format: Format
  /** Elements of what `model.parameters()` would go through. */
  readonly parameters: number
  /** The weights digest, 64 hex digits, once it is known. */
  readonly weights?: string
  readonly epoch?: number
  readonly step?: number
  readonly resumeEpoch?: number
  /** Version of torch, from a key in the file. */
  readonly torch?: string
  readonly metrics: ReadonlyMap<string, number>
  readonly config: ReadonlyMap<string, Fact>
  readonly optimizers: readonly OptimizerFacts[]
  readonly leftOut: readonly LeftOut[]
}

/** A key that is not told: `secret`, `long` text or list, beyond a `limit`. */
export interface LeftOut {
  readonly name: string
  readonly why: 'secret' | 'long' | 'limit'
}

export interface FactOptions extends CallOptions {
  /** More names, with `*`, that count as metrics; with `!` before them, that do not. What the configuration's `metrics` says. */
  readonly metrics?: readonly string[] | undefined
  /** Of the `trainer_state.json` beside the model. */
  readonly trainerState?: TrainerState | undefined
}

/** No configuration that is written by hand has more. */
const CONFIG_MAX = 1000
const SECRETS_MAX = 100

/** Reads the facts of a file; of payloads only tensors of one element that could be a figure, 64 at most. Fails as a source does. */
export async function factsOf(file: ModelFile, stateDict: StateDict, options: FactOptions = {}): Promise<Facts> {
  const root = file.root ?? metadataRoot(file)
  const weightPaths = new Set([stateDict.enclosing, ...stateDict.others].filter((path) => path !== ''))
  const enter = (entry: Named) => !isNoFigure(entry, weightPaths)
  const read = numberReader(options)
  const { trainerState } = options
  const leftOut: LeftOut[] = []
  const metrics = await metricsOf(root, enter, read, options.metrics)
  for (const [name, value] of trainerState?.metrics ?? []) if (!metrics.has(name)) metrics.set(name, value)
  const config = publicConfig(
    configOf(root, (key) => weightPaths.has(key)),
    leftOut,
  )
  if (file.format !== 'gguf') leftOut.push(...secretsAmong(file.metadata))
  const progress = await progressOf(root, read)
  const torch = torchVersionOf(root)
  const weights = stateDict.weights.map(({ name, tensor }) => ({ name, tensor: file.tensors[tensor]! }))
  return {
    format: file.format,
    parameters: parametersAmong(weights, stateDict.copies).reduce((sum, { tensor }) => sum + tensor.elements, 0),
    ...(trainerState?.epoch === undefined ? {} : { epoch: trainerState.epoch }),
    ...(trainerState?.step === undefined ? {} : { step: trainerState.step }),
    ...progress,
    ...(torch === undefined ? {} : { torch }),
    metrics,
    config,
    optimizers: await optimizersOf(root, read),
    leftOut,
  }
}

/** Training state has numbers that are no metrics: of schedulers, scalers, generators of random numbers. */
const STATE = new Set('scheduler schedulers scaler rng random callbacks loops amp sampler'.split(' '))

function isNoFigure({ path, value }: Named, weightPaths: ReadonlySet<string>): boolean {
  const key = path.at(-1)!
  if (weightPaths.has(path.join('.')) || (path.length === 1 && CONFIG_KEYS.includes(key))) return true
  if (isOptimizer(value) || moduleParts(value) !== undefined) return true
  return wordsOf(key).some((word) => STATE.has(word) || word.startsWith('optim'))
}

function publicConfig(config: ReadonlyMap<string, Fact>, leftOut: LeftOut[]): Map<string, Fact> {
  const kept = new Map<string, Fact>()
  for (const [key, fact] of config) {
    const why = isLong(key, fact)
      ? 'long'
      : isSecret(key, fact)
        ? 'secret'
        : kept.size === CONFIG_MAX
          ? 'limit'
          : undefined
    if (why === undefined) kept.set(key, fact)
    else leftOut.push({ name: `config.${nameToTell(key).slice(0, TEXT_MAX)}`, why })
  }
  return kept
}

/** Of the container's own metadata, which is shown as it is. GGUF's is configuration. */
function secretsAmong(metadata: ModelFile['metadata']): LeftOut[] {
  const found: LeftOut[] = []
  for (const [key, value] of metadata) {
    const fact = found.length === SECRETS_MAX ? undefined : factOf(value)
    if (fact !== undefined && isSecret(key, fact))
      found.push({ name: `metadata.${nameToTell(key).slice(0, TEXT_MAX)}`, why: 'secret' })
  }
  return found
}

function isLong(key: string, fact: Fact): boolean {
  const texts = (Array.isArray(fact) ? (fact as readonly Fact[]) : [fact]).map(String)
  return key.length > TEXT_MAX || texts.reduce((sum, text) => sum + text.length, 0) > TEXT_MAX
}

/** Facts with the digest that was computed for them. */
export function withWeights(facts: Facts, weights: string | undefined): Facts {
  return weights === undefined ? facts : { ...facts, weights }
}
