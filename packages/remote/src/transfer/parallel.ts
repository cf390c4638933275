const PARALLEL = 16

/** Runs a task for each item, a few at a time, and gives the results in the items' order. */
export async function mapParallel<T, R>(
  items: readonly T[],
  task: (item: T) => Promise<R>,
  parallel = PARALLEL,
): Promise<R[]> {
  const results: R[] = new Array(items.length)
  let next = 0
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++
      results[at] = await task(items[at]!)
    }
  }
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, work))
  return results
}

/**
 * As `mapParallel`, for results that are large: gives each as soon as those before it were taken, and holds no more of them than run at a
 * time.
 */
export async function* inOrder<T, R>(
  items: readonly T[],
  task: (item: T) => Promise<R>,
  parallel = PARALLEL,
): AsyncGenerator<[T, R]> {
  const running: { item: T; result: Promise<R> }[] = []
  try {
    for (let next = 0; next < items.length || running.length > 0; ) {
      while (next < items.length && running.length < parallel) {
        const item = items[next++]!
        const result = task(item)
        result.catch(() => undefined)
        running.push({ item, result })
      }
      const { item, result } = running.shift()!
      yield [item, await result]
    }
  } finally {
    await Promise.allSettled(running.map(({ result }) => result))
  }
}
