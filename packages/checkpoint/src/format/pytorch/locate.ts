import { foldName } from '../../zip/zip.ts'

/**
 * Which of several members of one name torch opens: neither the first nor the last, but the one that its binary search meets in a list that an
 * unstable heap sort has put in order. Both are done over, step by step:
 * https://github.com/pytorch/pytorch/blob/main/third_party/miniz-3.0.2/miniz.c (`mz_zip_reader_sort_central_dir_offsets_by_filename`,
 * `mz_zip_locate_file_binary_search`).
 */
export function locator(names: readonly string[]): (name: string) => number | undefined {
  const keys = names.map(keyOf)
  const sorted = heapSorted(keys)
  return (name) => {
    const wanted = keyOf(name)
    for (let low = 0, high = sorted.length - 1; low <= high; ) {
      const middle = (low + high) >> 1
      const order = Buffer.compare(keys[sorted[middle]!]!, wanted)
      if (order === 0) return sorted[middle]
      if (order < 0) low = middle + 1
      else high = middle - 1
    }
  }
}

/** Compared byte by byte, lower case. */
function keyOf(name: string): Buffer {
  return Buffer.from(foldName(name), 'utf8')
}

function heapSorted(keys: readonly Buffer[]): Uint32Array {
  const order = Uint32Array.from(keys, (_, i) => i)
  const size = order.length
  const isLess = (a: number, b: number): boolean => Buffer.compare(keys[order[a]!]!, keys[order[b]!]!) < 0
  const swap = (a: number, b: number): void => {
    const kept = order[a]!
    order[a] = order[b]!
    order[b] = kept
  }
  const sink = (from: number, end: number): void => {
    for (let root = from; ; ) {
      let child = root * 2 + 1
      if (child >= end) return
      if (child + 1 < end && isLess(child, child + 1)) child++
      if (!isLess(root, child)) return
      swap(root, child)
      root = child
    }
  }
  for (let start = (size - 2) >> 1; start >= 0; start--) sink(start, size)
  for (let end = size - 1; end > 0; end--) {
    swap(end, 0)
    sink(0, end)
  }
  return order
}
