import { wordsOf } from '@art/checkpoint/words.ts'
import type { MetricValue, ReleaseRecord } from './record.ts'

const PREFERRED =
  'val_acc val_accuracy best_val_acc best_val_accuracy best_acc best_accuracy test_acc test_accuracy accuracy acc top1'.split(
    ' ',
  )
const WORDS = new Set(['acc', 'accuracy', 'top1'])

/** The accuracy among the metrics: the deciding metric where it is one, else what is usually meant. */
export function accuracyOf({
  deciding,
  facts: { metrics },
}: Pick<ReleaseRecord, 'deciding' | 'facts'>): { name: string; value: MetricValue } | undefined {
  const names = deciding !== undefined && isAccuracy(deciding.name) ? [deciding.name, ...PREFERRED] : PREFERRED
  const name = names.find((one) => Object.hasOwn(metrics, one))
  return name === undefined ? undefined : { name, value: metrics[name]! }
}

function isAccuracy(metric: string): boolean {
  return wordsOf(metric).some((word) => WORDS.has(word))
}
