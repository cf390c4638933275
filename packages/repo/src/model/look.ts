import { ArtError, type CallOptions } from '@art/core'
import type { Pool } from '@art/core/worker/pool.ts'
import { isMeasured } from '@art/checkpoint/table/measured.ts'
import type { TensorTable } from '@art/checkpoint/table/table.ts'
import type { CheckpointFacts, GivenFacts } from '../api.ts'
import type { Session } from '../workspace/session.ts'
import type { Jobs } from '../worker/jobs.ts'
import type { Content } from './content.ts'
import { type Described, describeContent } from './describe.ts'
import type { FarTable } from './far-table.ts'
import type { Model } from './find.ts'
import { givenOf } from './given-facts.ts'
import { keepTable, keptTable } from './kept-table.ts'
import { holdsNoModel } from './no-model.ts'
import { checkpointOf } from './read-block.ts'
import type { ModelSettings } from './settings.ts'

/** What is known of a model, from the best that is at hand. */
export interface Look {
  here: boolean
  /** `pointer`, though it is here: a directory that holds no model at its top, or several. `table`: made from the bytes, on this machine. `remote-table`: as a remote says, whoever wrote it there. */
  from: 'file' | 'table' | 'remote-table' | 'remote' | 'pointer'
  /** Undefined where only the pointer is known. */
  table: TensorTable | undefined
  /** What the pointer says. */
  block: CheckpointFacts | undefined
  /** What people say of it, in the pointer. */
  given: GivenFacts | undefined
  /** Of the file in bytes, with the tensors that it has in others. */
  size: number | undefined
}

export interface LookAtOptions extends CallOptions {
  session: Session | undefined
  settings: ModelSettings
  /** Read every tensor. */
  stats?: boolean | undefined
  /** Read all weights, however large they are: the weights digest, and sha256 of each. */
  hash?: boolean | undefined
  /** Threads, for reading so many bytes. */
  pool: (bytes: number) => Promise<Pool<Jobs>>
  /** Ask it for what is not here, instead of the default remote. */
  remote?: string | undefined
}

/** Hashing so much takes no time that anybody notices. */
const HASHED_MAX = 8 << 20

/**
 * From the tensor table that was made here, else the file itself, else the table that a remote has or the file there, else the pointer. Fails with
 * `UNSUPPORTED` for what is no model, with `NOT_CACHED` where nothing is known of it, and as reading the file does.
 */
export async function lookAt(model: Model, options: LookAtOptions): Promise<Look> {
  const { pointer } = model
  const block = pointer?.checkpoint && checkpointOf(pointer.checkpoint)
  const given = pointer && givenOf(pointer)
  const kept = pointer && options.session && keptTable(options.session.cache.layout, pointer.oid)
  const content = await model.open()
  try {
    const look = { here: content !== undefined, block, given, size: content?.source.size ?? pointer?.size }
    if (kept !== undefined && (content === undefined || isEnough(kept, options)))
      return { ...look, ...sizeWith(kept, content), from: 'table', table: kept }
    if (content !== undefined) {
      const table = await readTable(model, content, options)
      return { ...look, ...sizeWith(table, content), from: 'file', table }
    }
    const isTold = block !== undefined || given !== undefined
    const none = holdsNoModel(model, model.name)
    if (none !== undefined) {
      if (!isTold) throw none
      return { ...look, here: model.folder?.()?.isWhole() ?? false, from: 'pointer', table: undefined }
    }
    const far = await fromAfar(model, options, block !== undefined)
    if (far !== undefined) return { ...look, ...far }
    if (isTold) return { ...look, from: 'pointer', table: undefined }
    throw notHere(model)
  } finally {
    await content?.close()
  }
}

function sizeWith({ storages }: TensorTable, content: Content | undefined): Pick<Look, 'size'> | undefined {
  const beside = storages.reduce((sum, { file, bytes }) => sum + (file === undefined ? 0 : bytes), 0)
  return content && { size: content.source.size + beside }
}

function isEnough(table: TensorTable, { stats, hash }: LookAtOptions): boolean {
  if (stats === true) return isMeasured(table)
  return hash !== true || table.facts.weights !== undefined
}

async function fromAfar(model: Model, options: LookAtOptions, optional: boolean): Promise<FarTable | undefined> {
  const { pointer } = model
  const { session, signal, onEvent, remote } = options
  if (session === undefined || (pointer === undefined && model.isFar !== true)) return undefined
  const { farTable } = await import('./far-table.ts')
  return await farTable(session, model, { signal, onEvent, remote }, optional)
}

async function readTable(model: Model, content: Content, options: LookAtOptions): Promise<TensorTable> {
  const { session, settings, signal, onEvent, stats, hash } = options
  const { size } = content.source
  const { pointer, name } = model
  const reads = stats === true || hash === true
  if (reads) onEvent?.({ type: 'phase', phase: 'measure', bytes: size })
  const described = await describeContent(content, {
    settings,
    signal,
    onEvent,
    measure: stats === true ? 'everything' : hash === true || size <= HASHED_MAX ? 'weights' : 'nothing',
    pool: options.pool,
    ...(reads ? { phase: 'measure' as const } : {}),
  })
  const { table, failure } = described
  if (failure !== undefined) throw failure
  if (table === undefined) throw unreadable(name, described)
  // Of a file that changed meanwhile it would stand under a name that is not its own.
  if (reads && pointer !== undefined && session !== undefined && content.isUntouched())
    keepTable(session.cache.layout, pointer.oid, table)
  return table
}

function unreadable(path: string, { scan }: Described): ArtError {
  const dangerous = scan?.verdict === 'unsafe'
  return new ArtError('UNSUPPORTED', `this is no model that art reads${dangerous ? ', and an unsafe pickle' : ''}`, {
    path,
    hint: 'It reads PyTorch, TorchScript, torch.export, safetensors, ONNX, GGUF and NumPy files, told by their bytes.',
  })
}

function notHere({ name, bring, isFar }: Model): ArtError {
  const message = isFar
    ? 'neither this machine nor a remote has a model of that name'
    : 'the content is not on this machine, and its pointer tells nothing of it'
  return new ArtError('NOT_CACHED', message, { path: name, hint: `Run \`${bring}\`.` })
}
