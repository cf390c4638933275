import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Few models have so many; below, there is nothing to gain. */
const TENSORS = 20_000

/** Less garbage than this is not worth the time, which is that of going through all that is kept. */
const GARBAGE_MIN = 24 << 20

let collect: (() => void) | undefined
/** Bytes that were in use after the last time. */
let kept = 0

/**
 * Called between the steps of work on so many tensors, after one that left much garbage behind. On a machine with gigabytes V8 lets that
 * grow to hundreds of megabytes before it looks at it, and memory is bounded here. Takes some ten milliseconds where much has been left, and does
 * nothing for the usual model.
 */
export function relieve(tensors: number): void {
  if (tensors < TENSORS) return
  if (getHeapStatistics().used_heap_size - kept < GARBAGE_MIN) return
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
  kept = getHeapStatistics().used_heap_size
}
