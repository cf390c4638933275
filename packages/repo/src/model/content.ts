import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fromHex, type Oid } from '@art/core'
import { isSame } from '@art/core/fs/same.ts'
import type { Cache } from '@art/core/cache/cache.ts'
import { LARGE_FILE, objectPath } from '@art/core/cache/layout.ts'
import { PackReader } from '@art/core/cache/pack-reader.ts'
import type { OpenBeside, Source } from '@art/checkpoint'
import { besideFolder, confinedNames } from '@art/checkpoint/source/beside.ts'
import { bytesSource } from '@art/checkpoint/source/bytes.ts'
import { fileSource } from '@art/checkpoint/source/file.ts'
import type { RemoteFile } from '@art/remote/transfer/remote-file.ts'

/** The bytes of a model file, wherever they lie. */
export interface Content {
  source: Source
  /** Files beside it, for models in several files. */
  openBeside?: OpenBeside
  /** Where they lie on this machine just as they are: what `measureAll` takes. */
  pathOf(file: string | undefined): string | undefined
  /** Where they come from a remote: what was received of them, and how to announce what will be read. */
  remote?: Pick<RemoteFile, 'received' | 'expect'>
  close(): Promise<void>
  /** Nobody wrote to the file since it was opened, as far as its stat tells; of a cached one that is so. */
  isUntouched(): boolean
  /** It is the model of a directory: what lies beside the file is part of the artifact. */
  isFolder?: true
}

/** A content without what lies beside it, which is no part of an artifact of one file. */
export function alone({ source, pathOf, isUntouched, close }: Content): Content {
  return { source, isUntouched, close, pathOf: (file) => (file === undefined ? pathOf(undefined) : undefined) }
}

/** A file of this machine, and what lies beside it. `name` is what errors call it. */
export async function localContent(path: string, name = path): Promise<Content> {
  const opened = statSync(path, { throwIfNoEntry: false })
  const source = { ...(await fileSource(path)), name }
  const isUntouched = (): boolean => {
    const now = statSync(path, { throwIfNoEntry: false })
    return opened !== undefined && now !== undefined && isSame(opened, now)
  }
  return {
    source,
    isUntouched,
    openBeside: besideFolder(dirname(path)),
    pathOf: (file) => (file === undefined ? path : join(dirname(path), ...confinedNames(file))),
    close: () => source.close(),
  }
}

/** A file's content in the cache; undefined where that lacks it. `name` is what errors call it. */
export async function cachedContent(
  cache: Cache,
  { oid, size, name }: { oid: Oid; size: number; name: string },
): Promise<Content | undefined> {
  if (!cache.hasFile(fromHex(oid), size)) return undefined
  if (size < LARGE_FILE) {
    const source = bytesSource(name, Buffer.from(new PackReader(cache.packs).read(fromHex(oid))))
    return { source, pathOf: () => undefined, close: async () => undefined, isUntouched: () => true }
  }
  const path = objectPath(cache.layout, oid)
  const source = await fileSource(path)
  return {
    source: { ...source, name },
    isUntouched: () => true,
    pathOf: (file) => (file === undefined ? path : undefined),
    close: () => source.close(),
  }
}
