import { createHash } from 'node:crypto'
import { ArtError } from '@art/core'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import { parsePointer, type Pointer } from '@art/core/pointer/pointer.ts'
import { renderMetadata } from '@art/registry/files/metadata.ts'
import { metadataPath } from '@art/registry/files/place.ts'
import type { ReleaseRecord } from '@art/registry/files/record.ts'
import type { Upload } from '@art/registry/mlflow/transport.ts'
import { fetchWanted } from '../exchange/transfer.ts'
import { targetOf } from '../exchange/wanted.ts'
import { cachedContent, type Content } from '../model/content.ts'
import { membersOf, notHere } from '../model/members.ts'
import { textAt } from '../registry/open.ts'
import { shellWord } from '../shell-word.ts'
import type { Session } from '../workspace/session.ts'

/** A file as it goes to MLflow. */
export interface ReleaseFile {
  /** `/`-separated, below the folder of the release. */
  path: string
  size: number
  /** Bytes, opened for one transfer; whoever takes them closes them. */
  open(): Promise<{ upload: Upload; close(): Promise<void> }>
}

const PIECE = 1 << 20

/** The pointer as it was released, and what is known of the release. */
export async function referenceFiles({ repo }: Session, record: ReleaseRecord): Promise<ReleaseFile[]> {
  const pointerPath = pointerPathFor(record.path)
  const pointer = await textAt(repo, record.commit, pointerPath)
  const files = [textFile(nameOf(metadataPath(record.model, record.version)), await renderMetadata(record))]
  return pointer === undefined ? files : [textFile(nameOf(pointerPath), pointer), ...files]
}

/** The bytes themselves, from the cache; what that lacks is fetched from the remote. Fails with `NOT_CACHED`, or as the remote does. */
export async function contentFiles(
  session: Session,
  record: ReleaseRecord,
  remote: string | undefined,
): Promise<ReleaseFile[]> {
  const pointer = await pointerOf(session, record)
  await ensureCached(session, record, pointer, remote)
  const { path, kind, oid, size } = record
  if (kind === 'f') {
    const open = (): Promise<Content | undefined> => cachedContent(session.cache, { oid, size, name: path })
    return [{ path: nameOf(path), size, open: () => opened(open, path, oid) }]
  }
  const members = [...membersOf(session, pointer, path)]
  return members.map((member) => ({
    path: `${nameOf(path)}/${member.path}`,
    size: member.size,
    open: () => opened(member.open, `${path}/${member.path}`),
  }))
}

async function pointerOf({ repo }: Session, { path, commit, oid, kind, size }: ReleaseRecord): Promise<Pointer> {
  const pointerPath = pointerPathFor(path)
  const text = await textAt(repo, commit, pointerPath)
  const pointer = text === undefined ? undefined : await parsePointer(text, { path: pointerPath })
  return pointer?.oid === oid && pointer.kind === kind ? pointer : { path: nameOf(path), oid, kind, size }
}

async function ensureCached(
  session: Session,
  { path, commit }: ReleaseRecord,
  pointer: Pointer,
  remote: string | undefined,
): Promise<void> {
  const { missingInCache } = await import('@art/remote/transfer/missing.ts')
  const target = targetOf(pointer, path)
  if (missingInCache(target, session.cache).length === 0) return
  const wanted = { targets: [target], commits: [commit], failed: [] }
  const options = { ...session.options, ...(remote === undefined ? {} : { remote }) }
  const { failed } = await fetchWanted(session, wanted, options).catch((error: unknown) => {
    if (error instanceof ArtError && error.code === 'REMOTE_UNKNOWN')
      throw notHere(path, { bring: `art fetch --rev ${commit.slice(0, 12)} ${shellWord(path)}`, cause: error })
    throw error
  })
  const [first] = failed
  if (first !== undefined) throw new ArtError(first.code, first.message, { path: first.path, hint: first.hint })
}

function textFile(path: string, text: string): ReleaseFile {
  const bytes = Buffer.from(text)
  async function* all(): AsyncGenerator<Uint8Array> {
    yield bytes
  }
  const upload = { size: bytes.length, open: all }
  return { path, size: bytes.length, open: async () => ({ upload, close: async () => undefined }) }
}

/** `oid`: the sha256 that the bytes must have, sent in one go or in parts that follow each other. */
async function opened(
  open: () => Promise<Content | undefined>,
  path: string,
  oid?: string,
): Promise<{ upload: Upload; close(): Promise<void> }> {
  const content = await open()
  if (content === undefined) throw notHere(path)
  const { source } = content
  // What is hashed before each part, so that one can be sent again.
  const hashed = new Map(oid === undefined ? [] : [[0, createHash('sha256')]])
  async function* bytes(start = 0, end = source.size): AsyncGenerator<Uint8Array> {
    const hash = hashed.get(start)?.copy()
    for (let at = start; at < end; at += PIECE) {
      // The source reuses its bytes, and whoever sends them may keep them for a while.
      const piece = Buffer.from(await source.read(at, Math.min(PIECE, end - at)))
      hash?.update(piece)
      const isLast = at + PIECE >= end
      if (isLast && hash !== undefined) {
        // The last piece is held back, so that damaged bytes never make a whole file there.
        if (end < source.size) hashed.set(end, hash)
        else if (hash.digest('hex') !== oid) throw damaged(path)
      }
      yield piece
    }
  }
  return { upload: { size: source.size, open: bytes }, close: () => content.close() }
}

function damaged(path: string): ArtError {
  return new ArtError('CORRUPT', 'the cached bytes are not what the pointer names', {
    path,
    hint: 'Delete that object from the cache, and fetch it again.',
  })
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
