import type { CallOptions } from '@art/core'
import type { Source } from '../source.ts'
import type { Zip } from './archive.ts'
import { readDirectory } from './directory.ts'
import { readZipEnd } from './end.ts'
import type { ZipLie } from './lie.ts'

/**
 * Reads the list of members: end record and central directory, no member. Undefined where the source is no zip archive. Fails with
 * `CORRUPT` where the directory cannot be read whole, or is larger than any checkpoint's.
 */
export async function readZip(source: Source, options?: CallOptions): Promise<Zip | undefined> {
  const lies: ZipLie[] = []
  const end = await readZipEnd(source, lies, options)
  if (end === undefined) return undefined
  const members = await readDirectory(source, end, lies, options)
  return { source, members, end, lies }
}
