import { createHash, type Hash } from 'node:crypto'
import { createReadStream, lstatSync, rmSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createGunzip, createGzip } from 'node:zlib'
import { ArtError, type CallOptions, fromHex, isArtError, toHex } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { LARGE_FILE, objectPath } from '@art/core/cache/layout.ts'
import { stageFile } from '@art/core/fs/staged-file.ts'
import { indexFromTree } from '@art/core/index/from-tree.ts'
import { flag } from '@art/core/index/record.ts'
import { childPath } from '@art/core/index/section.ts'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import { TAR_END, type TarEntry, tarHeader, tarPadding } from '@art/core/tar/header.ts'

/** An artifact, or a text beside it. */
export type Packed = { path: string; pointer: Pointer } | { path: string; text: string }

const READ_BYTES = 1 << 20

/**
 * Writes artifacts of the cache and texts into a tar.gz. Each file is checked against its oid while it is read, and the archive is unpacked and compared before it
 * has its name; the same contents make the same bytes. Returns its size. Fails with `WOULD_OVERWRITE`, `NOT_CACHED`, `CORRUPT`, and as writing does.
 */
export async function writeTarball(
  file: { absolute: string; name: string; force: boolean },
  packed: readonly Packed[],
  cache: Cache,
  { signal, onEvent }: CallOptions,
): Promise<number> {
  assertNew(file)
  const written = createHash('sha256')
  const staged = await stageFile(file.absolute, zipped(entriesOf(packed, cache), written), {
    signal,
    onBytes: (bytes) => onEvent?.({ type: 'progress', phase: 'export', bytes }),
  })
  try {
    const read = createHash('sha256')
    await pipeline(createReadStream(staged.temporary), createGunzip(), read, { ...(signal && { signal }) })
    if (!read.digest().equals(written.digest()))
      throw new ArtError('IO', 'the archive does not read back as it was written', {
        path: file.name,
        hint: 'Check the disk, and write it again.',
      })
  } catch (error) {
    rmSync(staged.temporary, { force: true })
    throw error
  }
  staged.publish()
  return staged.size
}

export function assertNew({ absolute, name, force }: { absolute: string; name: string; force: boolean }): void {
  const stat = lstatSync(absolute, { throwIfNoEntry: false })
  if (stat === undefined || (force && stat.isFile())) return
  throw new ArtError('WOULD_OVERWRITE', 'something is there already', {
    path: name,
    hint: 'Name another file, or use --force.',
  })
}

/** Weights hardly shrink: the fastest level is nearly as good as any. What names the system that wrote it is left out. */
async function* zipped(pieces: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      hash.update(piece)
      yield piece
    }
  }
  const gzip = createGzip({ level: constants.Z_BEST_SPEED })
  const done = pipeline(Readable.from(hashed(), { objectMode: false }), gzip)
  done.catch(() => undefined)
  let at = 0
  try {
    for await (const piece of gzip as AsyncIterable<Buffer>) {
      if (at <= SYSTEM_AT && at + piece.length > SYSTEM_AT) piece[SYSTEM_AT - at] = UNKNOWN_SYSTEM
      at += piece.length
      yield piece
    }
  } finally {
    gzip.destroy()
  }
  await done
}

/** RFC 1952, 2.3: the byte of the header that names the system, and its word for none. */
const SYSTEM_AT = 9
const UNKNOWN_SYSTEM = 255

async function* entriesOf(packed: readonly Packed[], cache: Cache): AsyncGenerator<Uint8Array> {
  for (const one of packed) {
    if ('text' in one) {
      const bytes = Buffer.from(one.text)
      yield tarHeader({ path: one.path, kind: 'file', size: bytes.length })
      yield bytes
      yield tarPadding(bytes.length)
    } else if (one.pointer.kind === 'f') {
      const { oid, size, executable = false } = one.pointer
      yield* fileOf({ path: one.path, kind: 'file', size, executable }, fromHex(oid), cache)
    } else yield* directoryOf(one.path, one.pointer, cache)
  }
  yield TAR_END
}

async function* directoryOf(top: string, { oid, files }: Pointer, cache: Cache): AsyncGenerator<Uint8Array> {
  const { sections } = lookFor(top, () => indexFromTree(fromHex(oid), cache.readNode, { files }))
  for (const { path: folder, names, records } of sections) {
    yield tarHeader({ path: childPath(top, folder).replace(/\/$/, ''), kind: 'folder', size: 0 })
    for (let i = 0; i < records.count; i++) {
      const path = `${top}/${childPath(folder, names[i]!)}`
      const flags = records.flags(i)
      const kind = flags & flag.kindMask
      if (kind === flag.folder) continue
      const id = Buffer.from(records.oid(i))
      if (kind === flag.symlink) {
        const target = lookFor(path, () => cache.readNode(id)).toString('utf8')
        yield tarHeader({ path, kind: 'symlink', size: 0, target })
      } else {
        const executable = (flags & flag.executable) !== 0
        yield* fileOf({ path, kind: 'file', size: records.size(i), executable }, id, cache)
      }
    }
  }
}

async function* fileOf(entry: TarEntry, oid: Uint8Array, cache: Cache): AsyncGenerator<Uint8Array> {
  const { path, size } = entry
  yield tarHeader(entry)
  if (size > 0 && size < LARGE_FILE) yield lookFor(path, () => cache.readNode(oid))
  else if (size > 0) yield* objectOf(path, size, oid, cache)
  yield tarPadding(size)
}

async function* objectOf(path: string, size: number, oid: Uint8Array, cache: Cache): AsyncGenerator<Uint8Array> {
  if (!cache.hasFile(oid, size)) throw notCached(path)
  const hash = createHash('sha256')
  let read = 0
  for await (const piece of createReadStream(objectPath(cache.layout, toHex(oid)), { highWaterMark: READ_BYTES })) {
    hash.update(piece as Buffer)
    read += (piece as Buffer).length
    if (read > size) break
    yield piece as Buffer
  }
  if (read === size && hash.digest().equals(oid)) return
  throw new ArtError('CORRUPT', 'the cache holds other bytes than its oid says', {
    path,
    hint: 'Bring it again with `art fetch`.',
  })
}

function lookFor<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw isArtError(error, 'NOT_CACHED') ? notCached(path) : error
  }
}

function notCached(path: string): ArtError {
  return new ArtError('NOT_CACHED', 'the content is not on this machine, and the archive file needs it', {
    path,
    hint: 'Bring it with `art fetch`, or leave out --tar.',
  })
}
