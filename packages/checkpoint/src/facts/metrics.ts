import type { Value } from '../model-file.ts'
import { attribute, isDict, isTensor } from '../pickle/value.ts'
import { wordsOf } from '../words.ts'
import { entriesBelow, type Named } from './entries.ts'
import type { ReadNumber } from './read-number.ts'

/** A number in the object that could be a metric. */
interface Candidate {
  readonly name: string
  readonly path: readonly string[]
  readonly value: Value
}

/** Of a name's words one, with any digits behind it, makes a number a metric. docs/formats.md lists them. */
const METRIC =
  /^(?:acc|accs|accuracy|top|loss|losses|nll|error|err|f1|fscore|f1score|auc|auroc|auprc|roc|map|ap|ar|iou|miou|dice|jaccard|psnr|ssim|lpips|fid|bleu|rouge|meteor|cider|chrf|wer|cer|eer|perplexity|ppl|bpb|bpc|mse|rmse|mae|mape|msle|rmsle|precision|recall|sensitivity|specificity|mcc|kappa|ndcg|mrr|score|scores|metric|metrics|fitness|reward|val|valid|validation|test|eval|best)\d*$/

/** … and one of these makes it none: where and how something was measured, not what. */
const SETTING = new Set(
  'epoch epochs step steps iter iters iteration iterations patience threshold weight weights scale scaler coef coefficient fn function smoothing size batch interval every freq frequency workers mode lr wait delay count num seed time k p'.split(
    ' ',
  ),
)

/** What only says that metrics follow is no part of their names. */
const PLAIN_CONTAINER = new Set(
  'metric metrics result results score scores performance log logs stat stats info summary'.split(' '),
)
const CONTAINER_END = /[_\-. ]?(?:metrics?|results?|scores?|logs?|stats?)$/i

/** All numbers in these are metrics, whatever they are called. */
const METRICS_CONTAINER = /^(?:metrics?|results?|scores?|performance)$/

const DEPTH = 4
const NAME_MAX = 100

/**
 * The metrics of a checkpoint. A number counts that lies in a dict of metrics, or whose name says so; `patterns` of the configuration come
 * before that rule: `*` stands for anything, `!` before one leaves out, and each is compared with the name and with the path.
 */
export async function metricsOf(
  root: Value | undefined,
  enter: (entry: Named) => boolean,
  read: ReadNumber,
  patterns: readonly string[] = [],
): Promise<Map<string, number>> {
  const metrics = new Map<string, number>()
  for (const candidate of candidatesIn(root, enter)) {
    const { name, value } = candidate
    if (metrics.has(name) || !isMetric(candidate, patterns)) continue
    const number = await read(value)
    if (number !== undefined) metrics.set(name, number)
  }
  for (const [name, value] of monitored(root)) {
    const number = metrics.has(name) ? undefined : await read(value)
    if (number !== undefined) metrics.set(name, number)
  }
  return metrics
}

function* candidatesIn(root: Value | undefined, enter: (entry: Named) => boolean): Generator<Candidate> {
  for (const { path, value } of entriesBelow(root, DEPTH, enter)) {
    const isNumber = typeof value === 'number' || (isTensor(value) && value.tensor.elements === 1)
    const name = isNumber ? nameOf(path) : ''
    if (isNumber && name.length <= NAME_MAX) yield { name, path, value }
  }
}

/** `metrics.val_acc` is `val_acc`, `val_metrics.acc` and `val.acc` are `val_acc` too. */
function nameOf(path: readonly string[]): string {
  const parents = path
    .slice(0, -1)
    .filter((key) => !wordsOf(key).every((word) => PLAIN_CONTAINER.has(word)))
    .map((key) => key.replace(CONTAINER_END, ''))
  const leaf = path.at(-1)!
  const prefix = parents.join('_')
  return prefix === '' || leaf.startsWith(`${prefix}_`) ? leaf : `${prefix}_${leaf}`
}

function isMetric({ name, path }: Candidate, patterns: readonly string[]): boolean {
  const dotted = path.join('.')
  const matched = patterns.findLast((pattern) => {
    const glob = globOf(pattern.replace(/^!/, ''))
    return glob.test(name) || glob.test(dotted)
  })
  if (matched !== undefined) return !matched.startsWith('!')
  const words = wordsOf(name)
  if (words.some((word) => SETTING.has(word))) return false
  return (
    path.slice(0, -1).some((key) => wordsOf(key).some((word) => METRICS_CONTAINER.test(word))) ||
    words.some((word) => METRIC.test(word))
  )
}

function globOf(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's')
}

/** Lightning's ModelCheckpoint callbacks: the metric that each watches, as it was when the file was saved or, in older ones, at its best. */
function* monitored(root: Value | undefined): Generator<readonly [name: string, value: Value | undefined]> {
  const callbacks = attribute(root, 'callbacks')
  if (!isDict(callbacks)) return
  for (const [key, state] of callbacks.entries.slice(0, 100)) {
    const watched = attribute(state, 'monitor') ?? /^ModelCheckpoint.*'monitor': '([^']+)'/.exec(String(key))?.[1]
    if (typeof watched !== 'string') continue
    yield [watched, attribute(state, 'current_score') ?? attribute(state, 'best_model_score')]
  }
}
