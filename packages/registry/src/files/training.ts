import type { YamlMap, YamlValue } from '@art/core/yaml/plain.ts'
import type { FactScalar, ReleaseRecord } from './record.ts'

type Fact = FactScalar | readonly FactScalar[]

/** How trainers call what the files call so, the usual name first. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  epochs: 'epochs num_epochs n_epochs max_epochs total_epochs num_train_epochs'.split(' '),
  learning_rate: 'learning_rate lr base_lr initial_lr init_lr max_lr'.split(' '),
  optimizer: 'optimizer optim optimizer_name optimizer_type optim_name opt'.split(' '),
  batch_size: 'batch_size batchsize bs train_batch_size per_device_train_batch_size'.split(' '),
  training_time_hours: 'training_time_hours train_time_hours training_hours train_hours'.split(' '),
  gpu: 'gpu gpu_name gpu_type gpu_model device_name'.split(' '),
}

/** Other units of the training time, as parts of an hour. */
const TIMES: readonly (readonly [names: readonly string[], perHour: number])[] = [
  ['training_time_minutes train_time_minutes training_minutes training_time_min'.split(' '), 60],
  [
    'training_time_seconds train_time_seconds training_seconds training_time_sec training_time_s train_runtime'.split(
      ' ',
    ),
    3600,
  ],
]

/** How it was trained: what `models.yaml` says, then what a person wrote into the pointer, then the checkpoint's configuration. */
export function trainingOf({ entry, facts: { config, meta = {} } }: ReleaseRecord): YamlMap {
  const training: YamlMap = new Map()
  for (const [name, names] of Object.entries(NAMES)) {
    const value = entry.training?.get(name) ?? toYaml(lookUp(meta, names) ?? lookUp(config, names))
    if (value !== undefined) training.set(name, value)
    else if (name === 'training_time_hours') {
      const hours = hoursOf(meta) ?? hoursOf(config)
      if (hours !== undefined) training.set(name, hours)
    }
  }
  for (const [key, value] of entry.training ?? []) if (!training.has(key)) training.set(key, value)
  return training
}

/** Text under one of some names, in what a person wrote and then in the configuration. */
export function textOf({ facts: { config, meta = {} } }: ReleaseRecord, names: readonly string[]): string | undefined {
  const value = lookUp(meta, names) ?? lookUp(config, names)
  return typeof value === 'string' ? value : undefined
}

/** By the whole key; else by its last part, as in `optimizer.lr`. */
function lookUp(facts: Readonly<Record<string, Fact>>, names: readonly string[]): Fact | undefined {
  for (const name of names) if (Object.hasOwn(facts, name)) return facts[name]
  const keys = Object.keys(facts)
  for (const name of names) {
    const key = keys.find((one) => one.endsWith(`.${name}`))
    if (key !== undefined) return facts[key]
  }
  return undefined
}

function hoursOf(facts: Readonly<Record<string, Fact>>): number | undefined {
  for (const [names, perHour] of TIMES) {
    const value = lookUp(facts, names)
    if (typeof value === 'number') return Math.round((value / perHour) * 1000) / 1000
  }
  return undefined
}

function toYaml(value: Fact | undefined): YamlValue | undefined {
  return Array.isArray(value) ? [...(value as readonly FactScalar[])] : (value as FactScalar | undefined)
}
