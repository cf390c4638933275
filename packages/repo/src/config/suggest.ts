import { allKeyNames, namedKeyParts } from './keys.ts'

/** The known key that a mistyped one most resembles. */
export function suggestKey(key: string): string | undefined {
  const name = namedKeyParts(key)?.name
  const known = allKeyNames().map((candidate) => (name === undefined ? candidate : candidate.replace('<name>', name)))
  return closest(key, known)
}

/** The candidate with the fewest edits, where they are few enough to be a slip. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  let best: { distance: number; candidate: string } | undefined
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (best === undefined || distance < best.distance) best = { distance, candidate }
  }
  return best !== undefined && best.distance <= Math.max(1, Math.floor(best.candidate.length / 3))
    ? best.candidate
    : undefined
}

/** Damerau–Levenshtein (optimal string alignment): two neighbours swapped are one slip. */
function editDistance(a: string, b: string): number {
  if (a.length > 100) return Number.POSITIVE_INFINITY
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? beforePrevious[j - 2]! + 1 : replaced
      row.push(Math.min(previous[j]! + 1, row[j - 1]! + 1, replaced, swapped))
    }
    beforePrevious = previous
    previous = row
  }
  return previous[b.length]!
}
