/** A number of progress in a name, and all that follows: `_epoch_7`, `-step=1200-val_acc=0.91`, `checkpoint-500`. */
const PROGRESS = /(?:^|[._=\- ])(?:epochs?|ep|steps?|iters?|iterations?|global_step|checkpoint|ckpt)[._=\- ]?\d.*$/i
/** A number at the end, apart from what stands before it: `cnn_12`, not `resnet50`. */
const NUMBERED = /[._=\- ]\d+$/

/** Versions are kept side by side on purpose. */
const VERSION = /[._=\- ]v?\d+\.\d+\.\d+$/

/**
 * Which checkpoints are of one training, by their names: the folder, what stands before the number of the epoch or step, and the ending. A name without such
 * a number, or that ends in a version, is a series of its own. Paths are `/`-separated.
 */
export function seriesOf(path: string): string {
  const slash = path.lastIndexOf('/') + 1
  const name = path.slice(slash)
  const dot = name.lastIndexOf('.')
  // `epoch=3-val_acc=0.91` is a folder's name, and has no ending.
  const hasEnding = dot > 0 && /^\.[a-z]\w*$/i.test(name.slice(dot))
  const stem = hasEnding ? name.slice(0, dot) : name
  const start = VERSION.test(stem) ? stem : stem.replace(PROGRESS, '*').replace(NUMBERED, '*')
  return `${path.slice(0, slash)}${start}${hasEnding ? name.slice(dot) : ''}`
}

/** What belongs together, in the order in which it comes. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [item])
    else known.push(item)
  }
  return [...groups.values()]
}
