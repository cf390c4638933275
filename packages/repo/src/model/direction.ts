import { wordsOf } from '@art/checkpoint/words.ts'

export type Direction = 'highest' | 'lowest'

/** Words of metrics whose lowest value is the best: docs/commands/compare.md. */
const LOWEST = new Set(
  `loss losses err errs error errors mae mse rmse mape smape msle rmsle nll ce bce xent crossentropy entropy perplexity ppl bpb bpc bpd wer cer ter mer
  der eer fid kid lpips fvd fad brier ece distance divergence kl deviance cost regret time seconds latency`.split(
    /\s+/,
  ),
)

/** Libraries that maximize give errors with a minus. */
const NEGATED = new Set(['neg', 'negative', 'minus'])

/** Which end of a metric is the better one, by the words of its name; the highest where none of them says otherwise. */
export function directionOf(metric: string): Direction {
  const words = wordsOf(metric)
  if (words.some((word) => NEGATED.has(word))) return 'highest'
  return words.some((word) => LOWEST.has(word) || /(?:loss|error)\d*$/.test(word)) ? 'lowest' : 'highest'
}
