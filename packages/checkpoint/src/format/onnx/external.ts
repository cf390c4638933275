import type { Storage } from '../../model-file.ts'
import type { OpenBeside, Source } from '../../source.ts'
import { confinedNames } from '../../source/beside.ts'
import { warn } from '../warning.ts'
import type { WireReader } from './wire.ts'

/** Far above what a model is spread over; each costs an open file. */
const FILES_MAX = 10_000

/** The files beside a model that hold its data, each opened once. */
export interface ExternalFiles {
  /** Undefined where the file is not there, which is told in `warnings`. Fails with `PATH_UNSAFE`, or `CORRUPT` where the file is too short. */
  storage(keys: ReadonlyMap<string, string>, bytes: number, name: string): Promise<Storage | undefined>
  close(): Promise<void>
}

export function externalFiles(
  reader: WireReader,
  openBeside: OpenBeside | undefined,
  warnings: string[],
): ExternalFiles {
  const files = new Map<string, Source | undefined>()
  /** Two tensors of one range share their weights. */
  const storages = new Map<string, Storage>()

  async function open(location: string): Promise<Source | undefined> {
    if (files.has(location)) return files.get(location)
    confinedNames(location)
    if (files.size === FILES_MAX) throw reader.fail(`its data are in more than ${FILES_MAX} files`)
    const source = await openBeside?.(location)
    files.set(location, source)
    if (source === undefined) warn(warnings, `data are in ${location}, which is not here`)
    return source
  }

  return {
    async storage(keys, bytes, name) {
      const location = keys.get('location') ?? ''
      const source = await open(location)
      const offset = sizeOf(keys.get('offset') ?? '0')
      const length = sizeOf(keys.get('length') ?? String(bytes))
      if (offset === undefined || length !== bytes) {
        throw reader.fail(`${name} has ${bytes} bytes, its part of ${location} is another`)
      }
      if (source === undefined) return undefined
      if (offset + length > source.size) throw reader.fail(`${name} is beyond the end of ${location}`)
      const key = `${offset} ${length} ${location}`
      const known = storages.get(key)
      if (known !== undefined) return known
      const storage = { source, offset, length, bigEndian: false, place: { offset, file: location } }
      storages.set(key, storage)
      return storage
    },
    async close() {
      const opened = [...files.values()]
      files.clear()
      for (const source of opened) await source?.close()
    },
  }
}

/** Of decimal digits, as onnx reads it. */
function sizeOf(text: string): number | undefined {
  const value = Number(text)
  return /^[0-9]+$/.test(text) && Number.isSafeInteger(value) ? value : undefined
}
