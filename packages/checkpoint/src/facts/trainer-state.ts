import { attribute, attributesOf, itemsOf } from '../pickle/value.ts'
import { numberOf } from './fact.ts'
import { jsonValue } from './json-value.ts'

/** What the `trainer_state.json` of Hugging Face's Trainer says beside a model. */
export interface TrainerState {
  readonly epoch?: number
  readonly step?: number
  readonly metrics: ReadonlyMap<string, number>
}

/** How long the evaluation took says nothing of the model. */
const SPEED = /_(?:runtime|samples_per_second|steps_per_second|jit_compilation_time|model_preparation_time)$/

/**
 * The best metric, and the figures of the last evaluation and of training, under the names they have there. Undefined for what is no such
 * file.
 */
export function parseTrainerState(text: string): TrainerState | undefined {
  const state = jsonValue(text)
  const history = itemsOf(attribute(state, 'log_history'))
  if (history === undefined) return undefined
  const metrics = new Map<string, number>()
  const best = numberOf(attribute(state, 'best_metric'))
  if (best !== undefined) metrics.set('best_metric', best)
  const isFigure = (key: string) =>
    (key.startsWith('eval_') && !SPEED.test(key)) || key === 'train_loss' || key === 'loss'
  for (const logged of history.toReversed()) {
    for (const [key, value] of attributesOf(logged)) {
      const number = numberOf(value)
      if (typeof key === 'string' && isFigure(key) && number !== undefined && !metrics.has(key))
        metrics.set(key, number)
    }
  }
  const epoch = numberOf(attribute(state, 'epoch'))
  const step = numberOf(attribute(state, 'global_step'))
  return { ...(epoch === undefined ? {} : { epoch }), ...(step === undefined ? {} : { step }), metrics }
}
