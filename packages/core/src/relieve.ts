import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Few models have so many; below, there is nothing to gain. */
const TENSORS = 20_000

let collect: (() => void) | undefined

/**
 * Called between the steps of work on so many tensors, after one that left much garbage behind. On a machine with gigabytes V8 lets that
 * grow to hundreds of megabytes before it looks at it, and memory is bounded here. Takes some ten milliseconds, and does nothing for the
 * usual model.
 */
export function relieve(tensors: number): void {
  if (tensors < TENSORS) return
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
}
