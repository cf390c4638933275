import { ArtError } from '@art/core'
import { checkName, DIMENSIONS_MAX, TENSORS_MAX } from '../bounds.ts'
import { countBytes, countElements } from '../extent.ts'
import { asTorch, type StoredShape } from './dtype.ts'
import { type JsonReader, jsonReader } from './json.ts'

/** Keys of `__metadata__`. */
const METADATA_MAX = 100_000

export interface Entry extends StoredShape {
  readonly name: string
  readonly elements: number
  /** Half-open, in the data that follow the header. */
  readonly start: number
  readonly end: number
}

export interface Header {
  /** In the order of their data. */
  readonly entries: readonly Entry[]
  readonly metadata: ReadonlyMap<string, string>
}

/**
 * Reads the JSON of a safetensors file whose data have `dataBytes`, and refuses what the reference library refuses: gaps, overlaps, trailing
 * bytes, sizes that do not fit shape and dtype, metadata that are not strings. Also names that occur twice, of which that library takes
 * the last. Fails with `CORRUPT`.
 */
export function parseHeader(bytes: Uint8Array, dataBytes: number, path: string): Header {
  const fail = (what: string): ArtError => corruptSafetensors(path, what)
  const json = jsonReader(bytes, fail)
  const entries: Entry[] = []
  const sizes = sizesReader(json, fail)
  let metadata: ReadonlyMap<string, string> = new Map()
  json.object((name) => {
    checkName(name, fail)
    if (name === '__metadata__') metadata = readMetadata(json, fail)
    else entries.push(readEntry(json, name, sizes, fail))
    if (entries.length > TENSORS_MAX) throw fail(`it has more than ${TENSORS_MAX} tensors`)
  })
  json.end()
  entries.sort((a, b) => a.start - b.start || a.end - b.end)
  let end = 0
  for (const entry of entries) {
    if (entry.start !== end) throw fail(`the data of ${entry.name} do not begin where those before end`)
    end = entry.end
  }
  if (end !== dataBytes) throw fail(`its tensors have ${end} bytes, and ${dataBytes} follow the header`)
  return { entries, metadata }
}

function readMetadata(json: JsonReader, fail: (what: string) => ArtError): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>()
  if (json.peek() === 'n') json.null()
  else {
    json.object((key) => {
      metadata.set(key, json.string())
      if (metadata.size > METADATA_MAX) throw fail(`its metadata have more than ${METADATA_MAX} keys`)
    })
  }
  return metadata
}

function readEntry(
  json: JsonReader,
  name: string,
  readSizes: (most: number) => readonly number[],
  fail: (what: string) => ArtError,
): Entry {
  let dtype: string | undefined
  let shape: readonly number[] | undefined
  let range: readonly number[] | undefined
  json.object((key) => {
    if (key === 'dtype') dtype = json.string()
    else if (key === 'shape') shape = readSizes(DIMENSIONS_MAX)
    else if (key === 'data_offsets') range = readSizes(2)
    else json.skip()
  })
  if (dtype === undefined || shape === undefined || range?.length !== 2) {
    throw fail(`dtype, shape or data_offsets of ${name} are missing`)
  }
  const [start, end] = range as readonly [number, number]
  const stored = asTorch(dtype, shape)
  if (stored === undefined) throw fail(`${name} is of the unknown dtype ${dtype}`)
  const elements = countElements(stored.shape)
  const bytes = elements === undefined ? undefined : countBytes(elements, stored.bits)
  if (elements === undefined || bytes === undefined) throw fail(`the shape of ${name} is beyond all numbers`)
  if ((elements * stored.bits) % 8 !== 0) throw fail(`${name} does not end with a whole byte`)
  if (end - start !== bytes) throw fail(`${name} has ${end - start} bytes, and its shape needs ${bytes}`)
  return { name, dtype: stored.dtype, shape: stored.shape, bits: stored.bits, elements, start, end }
}

/** Lists are as long as they must be, and made from one: one that grows has room for more, and there may be a hundred thousand. */
function sizesReader(json: JsonReader, fail: (what: string) => ArtError): (most: number) => readonly number[] {
  const sizes: number[] = []
  return (most) => {
    let count = 0
    json.array(() => {
      if (count === most) throw fail(`a list of sizes has more than ${most}`)
      sizes[count++] = json.size()
    })
    return sizes.slice(0, count)
  }
}

export function corruptSafetensors(path: string, what: string): ArtError {
  return new ArtError('CORRUPT', `damaged safetensors file: ${what}`, { path, hint: 'Fetch or save the file again.' })
}
