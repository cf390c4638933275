/** Shortest run of chunks in one place that is worth a request of its own when it is read (Xet's figure). */
const SHORT_RUN = 8

/** So few requests cost less than sending anything again. */
const FEW_RUNS = 16

/**
 * Where the runs of a file are short on average, known chunks in short runs are stored again, so that reading the file does not
 * need a request for every few chunks. `places`: where each chunk is known to be, negative where it is not.
 */
export function storeAgain(places: readonly number[], follows: (a: number, b: number) => boolean): number[] {
  const runs: { start: number; end: number; known: boolean }[] = []
  for (const [i, place] of places.entries()) {
    const last = runs.at(-1)
    const before = places[i - 1]
    const joins = last !== undefined && last.known === place >= 0 && (place < 0 || follows(before!, place))
    if (joins) last.end = i + 1
    else runs.push({ start: i, end: i + 1, known: place >= 0 })
  }
  const result = [...places]
  if (runs.length <= FEW_RUNS || places.length / runs.length >= SHORT_RUN) return result
  for (const { start, end, known } of runs) if (known && end - start < SHORT_RUN) result.fill(-1, start, end)
  return result
}
