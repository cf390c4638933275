const MANY = process.env['ART_MUTATIONS']
const SEED = process.env['ART_SEED']

/**
 * For tests: how many mutations fast-check makes. `few`, always the same ones, where `npm run fuzz` does not ask for more, by a seed of its own that a
 * failure prints.
 */
export function mutations(few: number): { numRuns: number; seed: number } {
  return { numRuns: Number(MANY ?? few), seed: Number(SEED ?? 20_261_126) }
}
