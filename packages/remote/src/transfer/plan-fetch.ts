import { type CallOptions, EMPTY_ID, fromHex, toHex } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { temporaryPath } from '@art/core/cache/layout.ts'
import { members, walkTree } from '@art/core/index/from-tree.ts'
import { childPath, isInside } from '@art/core/index/section.ts'
import type { ObjectStore } from '../object-store.ts'
import type { Keep } from './assembly.ts'
import { type FileNeed, type Needs, STRETCH_BYTES } from './needs.ts'
import { NodeReader } from './node-reader.ts'
import { type ChunkSequence, inconsistent } from './sequence.ts'
import { shapeOf, type Target } from './target.ts'

export interface PlanContext extends CallOptions {
  store: ObjectStore
  cache: Cache
  readonly needs: Needs
  /** Keeps contents that need no further chunk: tree nodes and the empty file. */
  keep: Keep
  /** Key of the recipe that is followed. */
  recipe: string
  /** What is put together in files already, by oid. */
  readonly files: Map<string, FileNeed>
  /** Fetches what is needed so far; then there are other needs and files. */
  settle: () => Promise<void>
}

export interface PlannedTarget {
  target: Target
  files: number
  /** Bytes that were read for tree nodes. */
  transferred: number
}

/** Adds what the cache lacks of one target to the needs, and fetches it where it becomes very much. Fails with `REMOTE_DAMAGED` where stream and tree do not fit. */
export async function planTarget(
  target: Target,
  sequence: ChunkSequence,
  context: PlanContext,
): Promise<PlannedTarget> {
  if (target.kind === 'f') {
    const end = planContent(sequence, 0, { id: fromHex(target.oid), size: target.size, path: target.path }, context)
    if (end !== sequence.count) throw inconsistent(target)
    return { target, files: 1, transferred: 0 }
  }
  const reader = new NodeReader(sequence, context)
  const walk = walkTree(fromHex(target.oid), { files: target.files })
  let step = walk.next()
  while (!step.done) step = walk.next(await reader.read(step.value))
  let at = reader.used
  for (const { section, i } of members(step.value)) {
    const path = childPath(section.path, section.names[i]!)
    const content = { id: section.records.oid(i), size: section.records.size(i), path: `${target.path}/${path}` }
    const wanted = isInside(path, target.inside)
    at = wanted ? planContent(sequence, at, content, context) : endOf(sequence, at, content.size)
    if (context.needs.isFull) await context.settle()
  }
  if (at !== sequence.count) throw inconsistent(target)
  return { target, files: step.value.files, transferred: reader.transferred }
}

/** Raw bytes after which a piece of a large file ends: it can then come in a stretch of its own. */
const PIECE_BYTES = STRETCH_BYTES >> 1

interface Content {
  id: Uint8Array
  size: number
  path: string
}

/** Plans one content whose chunks start at `at`; returns where the next content's start. */
function planContent(sequence: ChunkSequence, at: number, content: Content, context: PlanContext): number {
  const { id, size } = content
  const shape = shapeOf(size)
  if (shape === 'empty') {
    if (Buffer.compare(id, EMPTY_ID) !== 0) throw inconsistent(sequence.recipe)
    if (!context.cache.packs.has(id)) context.keep(id, new Uint8Array(0))
    return at
  }
  const end = endOf(sequence, at, size)
  if (context.cache.hasFile(id, size)) return end
  if (shape === 'chunk') {
    if (end !== at + 1 || Buffer.compare(sequence.id(at), id) !== 0) throw inconsistent(sequence.recipe)
    const { pack, entry } = sequence.place(at)
    context.needs.of(pack).contents[entry] = 1
  } else if (shape === 'content' && isOneRun(sequence, at, end)) {
    const { pack, entry } = sequence.place(at)
    const { path } = content
    const { recipe } = context
    context.needs.addJoined(pack, { id: Uint8Array.from(id), size, first: entry, count: end - at, path, recipe })
  } else planFile(sequence, at, end, content, context)
  return end
}

function planFile(
  sequence: ChunkSequence,
  at: number,
  end: number,
  { id, size, path }: Content,
  context: PlanContext,
): void {
  const oid = toHex(id)
  if (context.files.has(oid)) return
  const file: FileNeed = { oid, size, path, temporary: temporaryPath(context.cache.layout), recipe: context.recipe }
  context.files.set(oid, file)
  let offset = 0
  for (let first = at; first < end; ) {
    let next = first
    let length = 0
    while (next < end && (next === first || (sequence.follows(next) && length < PIECE_BYTES)))
      length += sequence.rawLength(next++)
    const { pack, entry } = sequence.place(first)
    context.needs.addPiece(pack, { file, offset, first: entry, count: next - first })
    offset += length
    first = next
  }
}

function endOf(sequence: ChunkSequence, at: number, size: number): number {
  let end = at
  let length = 0
  while (length < size && end < sequence.count) length += sequence.rawLength(end++)
  if (length !== size) throw inconsistent(sequence.recipe)
  return end
}

function isOneRun(sequence: ChunkSequence, at: number, end: number): boolean {
  for (let i = at + 1; i < end; i++) if (!sequence.follows(i)) return false
  return true
}
