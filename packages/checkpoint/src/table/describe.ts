import { ArtError, type CallOptions, isArtError } from '@art/core'
import { type FactOptions, factsOf, withWeights } from '../facts/facts.ts'
import { TENSORS_MAX } from '../format/bounds.ts'
import { measureAll, type Measurement, type MeasureOptions } from '../measure/measure.ts'
import type { ModelFile } from '../model-file.ts'
import { type DigestEntry, weightsDigest } from '../weights/digest.ts'
import { relieve } from '@art/core/relieve.ts'
import { type StateDict, stateDictOf, type WeightsOptions } from '../weights/state-dict.ts'
import { LINES_MAX, type Measurements, rowsOf } from './rows.ts'
import type { TableScan, TensorTable } from './table.ts'

export interface DescribeOptions extends CallOptions, WeightsOptions, FactOptions, MeasureOptions {
  /**
   * `nothing`: what the tables of the file say. `weights`: also the sha256 of each weight, and the digest of all. `everything`: sha256 and
   * statistics of every tensor.
   */
  readonly measure?: 'nothing' | 'weights' | 'everything'
  readonly scan?: TableScan | undefined
  /** An earlier table of the same content: tensors are not hashed again whose sha256 it has. */
  readonly known?: TensorTable | undefined
}

/**
 * The tensor table of a file that was read. Fails as its sources do, and with `UNSUPPORTED` for more than 100,000 tensors; where tensors cannot be measured at all (damaged, or of few bytes that
 * would take for ever) the table says so and has no digest.
 */
export async function describeModel(file: ModelFile, options: DescribeOptions = {}): Promise<TensorTable> {
  if (file.tensors.length > TENSORS_MAX) {
    throw new ArtError('UNSUPPORTED', `${file.tensors.length} tensors are more than a table holds`, {
      hint: 'It is kept and sent like any other file.',
    })
  }
  const { length } = file.tensors
  relieve(length)
  const stateDict = stateDictOf(file, options)
  const facts = await factsOf(file, stateDict, options)
  const warnings = [...file.warnings, ...stateDict.warnings]
  relieve(length)
  const measurements = await measured(file, stateDict, options, warnings)
  relieve(length)
  const weights = digestOf(file, stateDict, measurements)
  relieve(length)
  return {
    ...rowsOf(file, stateDict, measurements),
    facts: withWeights(facts, weights),
    ...(options.scan === undefined ? {} : { scan: options.scan }),
    warnings: warnings.slice(0, LINES_MAX),
  }
}

async function measured(
  file: ModelFile,
  stateDict: StateDict,
  options: DescribeOptions,
  warnings: string[],
): Promise<Measurements> {
  const { measure = 'nothing' } = options
  if (measure === 'nothing') return undefined
  const statistics = measure === 'everything'
  const places = statistics ? [...file.tensors.keys()] : stateDict.weights.map(({ tensor }) => tensor)
  const hashes = knownHashes(file, options.known)
  const measurements = new Array<Measurement | undefined>(file.tensors.length)
  const measurePlaces = async (some: readonly number[], sha256: boolean): Promise<void> => {
    const tensors = some.map((place) => file.tensors[place]!)
    const found = tensors.length === 0 ? [] : await measureAll(tensors, { sha256, statistics }, options)
    for (const [i, place] of some.entries()) {
      const hash = hashes[place]
      measurements[place] = found[i] === undefined || hash === undefined ? found[i] : { ...found[i], sha256: hash }
    }
  }
  const isHashed = (place: number): boolean => statistics && hashes[place] !== undefined
  try {
    await measurePlaces(
      places.filter((place) => !isHashed(place)),
      true,
    )
    await measurePlaces(places.filter(isHashed), false)
    return measurements
  } catch (error) {
    if (!isArtError(error, 'UNSUPPORTED') && !isArtError(error, 'CORRUPT')) throw error
    warnings.push(`no weights digest: ${error.path === undefined ? '' : `${error.path}: `}${error.message}`)
    return undefined
  }
}

/** By the tensor's place in the file; nothing where the table is of another one. */
function knownHashes({ tensors }: ModelFile, known: TensorTable | undefined): readonly (string | undefined)[] {
  if (known?.tensors.length !== tensors.length) return []
  if (known.tensors.some(({ name, dtype }, i) => name !== tensors[i]!.name || dtype !== tensors[i]!.dtype)) return []
  return known.tensors.map(({ sha256 }) => sha256)
}

function digestOf(file: ModelFile, { weights, aliases }: StateDict, measurements: Measurements): string | undefined {
  if (measurements === undefined || weights.length === 0) return undefined
  const entries = weights.map(({ name, tensor }): DigestEntry => {
    const { dtype, shape, quantization } = file.tensors[tensor]!
    return { name, dtype, shape, quantization, sha256: measurements[tensor]?.sha256 }
  })
  if (aliases.size === 0) return weightsDigest(entries)
  const byName = new Map(entries.map((entry) => [entry.name, entry]))
  return weightsDigest([...entries, ...[...aliases].map(([alias, name]) => ({ ...byName.get(name)!, name: alias }))])
}
