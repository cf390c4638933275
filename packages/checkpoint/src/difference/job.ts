import { withFiles } from '../measure/files.ts'
import { type Distance, measurePair, type Pair, type PairSide } from './pair.ts'

export interface PlacedSide extends PairSide {
  readonly path: string
  /** Where the storage starts in the file. */
  readonly origin: number
}

export interface PlacedPair {
  readonly before: PlacedSide
  readonly after: PlacedSide
  readonly cost: number
}

/** Done in one go and with synchronous calls: it is for a worker thread. */
export function comparePairs({ pairs }: { readonly pairs: readonly PlacedPair[] }): Distance[] {
  const scratch = { before: { bytes: new Uint8Array(0) }, after: { bytes: new Uint8Array(0) } }
  return withFiles((read) =>
    pairs.map((pair) => {
      const reading = measurePair(pair satisfies Pair, scratch)
      let step = reading.next()
      while (step.done !== true) {
        const { side, offset, length } = step.value
        const { path, origin } = pair[side]
        step = reading.next(read(path, origin + offset, length))
      }
      return step.value
    }),
  )
}
