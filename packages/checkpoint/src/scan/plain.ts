import { isArtError } from '@art/core'
import type { Format } from '../model-file.ts'
import type { Source } from '../source.ts'
import type { ScanOptions } from './report.ts'

/** Nothing in these is run by what loads them. */
const PLAIN: ReadonlySet<Format | undefined> = new Set<Format>(['safetensors', 'onnx', 'gguf'])

/** The format of a file that cannot hold pickles; undefined where it has another. Fails as `readModel` does where it does not parse. */
export async function readPlain(source: Source, options: ScanOptions): Promise<Format | undefined> {
  if (options.format !== undefined) return PLAIN.has(options.format) ? options.format : undefined
  const { detectFormat } = await import('../format/detect.ts')
  const format = await detectFormat(source, options)
  if (!PLAIN.has(format)) return undefined
  const { readModel } = await import('../format/read.ts')
  const model = await readModel(source, options).catch((error: unknown) => {
    // A shard that is not there holds no code either.
    if (!isArtError(error, 'NOT_FOUND')) throw error
  })
  await model?.close?.()
  return format
}
