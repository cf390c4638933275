import type { Value } from '../model-file.ts'
import { attribute, isDict, isObject } from '../pickle/value.ts'
import { isOptimizer } from '../weights/group.ts'
import { entriesBelow } from './entries.ts'
import { type Fact, factOf } from './fact.ts'

/** Where programs keep hyperparameters, the likeliest first: Lightning, seeds and tutorials, argparse users, nanoGPT, ultralytics. */
export const CONFIG_KEYS =
  'hyper_parameters hparams config cfg hyperparameters hyperparams hyper_params args opt options settings arguments run_config train_args training_args model_args model_config model_kwargs params flags'.split(
    ' ',
  )

const DEPTH = 5

/**
 * The hyperparameters of a checkpoint, nested ones joined by dots. Where several keys hold some, those of the first have their own names and
 * those of the others the key before them.
 */
export function configOf(root: Value | undefined, isWeights: (path: string) => boolean): Map<string, Fact> {
  const config = new Map<string, Fact>()
  for (const key of CONFIG_KEYS) {
    const value = attribute(root, key)
    if (!(isDict(value) || isObject(value)) || isOptimizer(value) || isWeights(key)) continue
    const prefix = config.size === 0 ? '' : `${key}.`
    for (const entry of entriesBelow(value, DEPTH)) {
      const fact = factOf(entry.value)
      const name = prefix + entry.path.join('.')
      if (fact !== undefined && !config.has(name)) config.set(name, fact)
    }
  }
  return config
}
