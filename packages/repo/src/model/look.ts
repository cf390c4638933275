import { ArtError, type CallOptions } from '@art/core'
import type { Pool } from '@art/core/worker/pool.ts'
import type { TensorTable } from '@art/checkpoint/table/table.ts'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import type { CheckpointFacts } from '../api.ts'
import type { Session } from '../workspace/session.ts'
import type { Jobs } from '../worker/jobs.ts'
import type { Content } from './content.ts'
import { type Described, describeContent } from './describe.ts'
import type { Model } from './find.ts'
import { keepTable, keptTable } from './kept-table.ts'
import { checkpointOf } from './read-block.ts'
import type { ModelSettings } from './settings.ts'

/** What is known of a model, from the best that is at hand. */
export interface Look {
  here: boolean
  from: 'file' | 'table' | 'pointer'
  /** Undefined where only the pointer is known. */
  table: TensorTable | undefined
  /** What the pointer says. */
  block: CheckpointFacts | undefined
  /** Of the file, in bytes. */
  size: number | undefined
}

export interface LookAtOptions extends CallOptions {
  session: Session | undefined
  settings: ModelSettings
  /** Read every tensor. */
  stats?: boolean | undefined
  /** Threads, for reading so many bytes. */
  pool: (bytes: number) => Promise<Pool<Jobs>>
  /** The tensor table that a remote keeps of a content, if it does. */
  remoteTable?: ((pointer: Pointer) => Promise<TensorTable | undefined>) | undefined
}

/** Hashing so much takes no time that anybody notices. */
const HASHED_MAX = 8 << 20

/**
 * From the kept tensor table, else the file itself, else the table of a remote, else the pointer. Fails with `UNSUPPORTED` for what is no model,
 * with `NOT_CACHED` where nothing is known of it here, and as reading the file does.
 */
export async function lookAt(model: Model, options: LookAtOptions): Promise<Look> {
  const { pointer } = model
  const block = pointer?.checkpoint && checkpointOf(pointer.checkpoint)
  const kept = pointer && options.session && keptTable(options.session.cache.layout, pointer.oid)
  const content = await model.open()
  try {
    const look = { here: content !== undefined, block, size: content?.source.size ?? pointer?.size }
    if (kept !== undefined && (content === undefined || options.stats !== true || hasStatistics(kept)))
      return { ...look, from: 'table', table: kept }
    if (content !== undefined) {
      const table = await readTable(model, content, options)
      return { ...look, from: 'file', table }
    }
    const table = pointer && (await options.remoteTable?.(pointer))
    if (table !== undefined) return { ...look, from: 'table', table }
    if (block !== undefined) return { ...look, from: 'pointer', table: undefined }
    throw notHere(model)
  } finally {
    await content?.close()
  }
}

/** `add` leaves the sha256 of weights, `push` and `show --stats` those of all tensors and statistics. */
export function hasStatistics({ tensors }: TensorTable): boolean {
  const stored = tensors.filter(({ storage }) => storage !== undefined)
  if (stored.length === 0) return true
  return stored.every(({ sha256 }) => sha256 !== undefined) && stored.some(({ statistics }) => statistics !== undefined)
}

async function readTable(model: Model, content: Content, options: LookAtOptions): Promise<TensorTable> {
  const { session, settings, signal, onEvent, stats } = options
  const { size } = content.source
  const { pointer, name } = model
  if (stats === true) onEvent?.({ type: 'phase', phase: 'measure', bytes: size })
  const described = await describeContent(content, {
    settings,
    signal,
    onEvent,
    measure: stats === true ? 'everything' : size <= HASHED_MAX ? 'weights' : 'nothing',
    pool: () => options.pool(size),
    ...(stats === true ? { phase: 'measure' as const } : {}),
  })
  const { table, failure } = described
  if (failure !== undefined) throw failure
  if (table === undefined) throw noModel(name, described)
  if (stats === true && pointer !== undefined && session !== undefined)
    keepTable(session.cache.layout, pointer.oid, table)
  return table
}

function noModel(path: string, { scan }: Described): ArtError {
  const dangerous = scan?.verdict === 'unsafe'
  return new ArtError('UNSUPPORTED', `this is no model that art reads${dangerous ? ', and an unsafe pickle' : ''}`, {
    path,
    hint: 'It reads PyTorch, TorchScript, torch.export, safetensors, ONNX, GGUF and NumPy files, told by their bytes.',
  })
}

function notHere({ name, pointer }: Model): ArtError {
  if (pointer === undefined)
    return new ArtError('UNSUPPORTED', 'the folder holds no model, or several', {
      path: name,
      hint: 'Name the file itself.',
    })
  return new ArtError('NOT_CACHED', 'the content is not on this machine, and its pointer tells nothing of it', {
    path: name,
    hint: `Run \`art pull ${name}\`.`,
  })
}
