import type { Storage, Tensor } from '../model-file.ts'
import { present } from '../present.ts'
import type { Source } from '../source.ts'
import { withAliases } from '../weights/state-dict.ts'
import type { TensorTable } from './table.ts'

/** Bytes of a file of the model. */
export interface FileRange {
  /** Beside the model file; undefined is itself. */
  readonly file: string | undefined
  readonly offset: number
  readonly length: number
}

/**
 * Where the weights stand, in the order of the files: what has to be fetched for them alone. Undefined where some are compressed or computed,
 * so that only the whole file will do.
 */
export function weightRanges({ storages, tensors }: TensorTable): FileRange[] | undefined {
  const used = new Set(
    tensors
      .filter(({ weight, storage }) => weight !== undefined && storage !== undefined)
      .map(({ storage }) => storage!),
  )
  const ranges: FileRange[] = []
  for (const place of used) {
    const { at, bytes, file } = storages[place]!
    if (at === undefined) return undefined
    if (bytes > 0) ranges.push({ file, offset: at, length: bytes })
  }
  ranges.sort((a, b) => compareTexts(a.file ?? '', b.file ?? '') || a.offset - b.offset)
  const joined: FileRange[] = []
  for (const next of ranges) {
    const last = joined.at(-1)
    if (last === undefined || last.file !== next.file || last.offset + last.length < next.offset) joined.push(next)
    else joined[joined.length - 1] = { ...last, length: Math.max(last.length, next.offset + next.length - last.offset) }
  }
  return joined
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * The weights of a table under their names, aliases too, over sources of the files that it describes. The table may be a stranger's: reads outside of a source
 * fail, and whoever needs to know that these are the weights compares their digest.
 */
export function weightsOf(table: TensorTable, sourceOf: (file: string | undefined) => Source): Tensor[] {
  const storages = table.storages.map(({ at, bytes, file, bigEndian, device }): Storage | undefined =>
    at === undefined
      ? undefined
      : present<Storage>({
          source: sourceOf(file),
          offset: at,
          length: bytes,
          bigEndian: bigEndian === true,
          place: present<NonNullable<Storage['place']>>({ offset: at, file }),
          device,
        }),
  )
  const weights = table.tensors
    .filter((tensor) => tensor.weight !== undefined)
    .map(({ weight, storage, ...tensor }) => ({
      ...tensor,
      name: weight!,
      storage: storage === undefined ? undefined : storages[storage],
    }))
  return withAliases(weights, table.aliases)
}
