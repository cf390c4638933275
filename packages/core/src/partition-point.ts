/** How many of `count` things in order come before a place: `isBefore` holds for the first of them, and for none behind the first that it does not hold for. */
export function partitionPoint(count: number, isBefore: (at: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}
