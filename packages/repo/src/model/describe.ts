import { type ArtError, type CallOptions, isArtError } from '@art/core'
import type { Phase } from '@art/core/event.ts'
import type { Pool } from '@art/core/worker/pool.ts'
import type { Format, ModelFile, Source } from '@art/checkpoint'
import { parseTrainerState, type TrainerState } from '@art/checkpoint/facts/trainer-state.ts'
import { readModel } from '@art/checkpoint/format/read.ts'
import { relieve } from '@art/core/relieve.ts'
import { scanParts } from '@art/checkpoint/scan/parts.ts'
import { type ScanReport, scanFile } from '@art/checkpoint/scan/scan.ts'
import { describeModel } from '@art/checkpoint/table/describe.ts'
import type { TableScan, TensorTable } from '@art/checkpoint/table/table.ts'
import type { Jobs } from '../worker/jobs.ts'
import type { Content } from './content.ts'
import { isModel } from './is-model.ts'
import type { ModelSettings } from './settings.ts'
import { isPickleName } from './sniff.ts'

export interface DescribeOptions extends CallOptions {
  settings: ModelSettings
  /** `nothing`: no payload is read. `weights`: for the weights digest. `everything`: sha256 and statistics of every tensor. */
  measure: 'nothing' | 'weights' | 'everything'
  /** Threads for payloads of so many bytes. */
  pool: (bytes: number) => Promise<Pool<Jobs>>
  /** The phase that reading payloads is told in; without one it is not. */
  phase?: Phase
  /** An earlier table of the same content: what it knows is not computed again. */
  known?: TensorTable | undefined
  /** Waited for before payloads from that place on are read. */
  reached?: (path: string, offset: number) => Promise<void>
}

/** What a content is, seen as a model. */
export interface Described {
  /** Undefined for what is no model, or cannot be read as one. */
  table: TensorTable | undefined
  /** Why it cannot be read, though its first bytes say that it is a model. */
  failure: ArtError | undefined
  /** Undefined for what is neither a model nor a pickle. */
  scan: TableScan | undefined
  /** As far as scanning could tell; also of what is no model. */
  format: ScanReport['format']
  /** Names that the pickles import and art does not know; and whether every pickle was read to its end. */
  unknownImports: readonly string[]
  isScannedWhole: boolean
}

const NOTHING: Described = {
  table: undefined,
  failure: undefined,
  scan: undefined,
  format: undefined,
  unknownImports: [],
  isScannedWhole: true,
}

/** Reads a model file, scans its pickles, and measures its tensors as far as that is wanted. Fails where the content cannot be read at all. */
export async function describeContent(content: Content, options: DescribeOptions): Promise<Described> {
  const { source, openBeside } = content
  const { signal } = options
  const read = await orFailure(readModel(source, { signal, openBeside }))
  const { result: file } = read
  if (file === undefined && read.failure === undefined && !(await isPickle(source, signal))) return NOTHING
  try {
    relieve(file?.tensors.length ?? 0)
    const scan = await scanned(content, file, signal)
    if (file === undefined) return { ...scan, table: undefined, failure: read.failure }
    const { result: table, failure } = await orFailure(tableOf(file, content, scan, options))
    return { ...scan, table, failure }
  } finally {
    await file?.close?.()
  }
}

/** A data set of many gigabytes needs no digest of weights. */
const OF_ARRAYS: ReadonlySet<string> = new Set(['npy', 'npz'])

async function tableOf(
  file: ModelFile,
  content: Content,
  { scan }: Pick<Described, 'scan'>,
  options: DescribeOptions,
): Promise<TensorTable> {
  const { signal, onEvent, measure, phase, reached, known } = options
  const common = {
    ...options.settings,
    signal,
    onEvent,
    known,
    scan,
    trainerState: await trainerStateBeside(content, signal),
  }
  if (measure === 'weights' && OF_ARRAYS.has(file.format)) {
    const table = await describeModel(file, common)
    if (!isModel(table.facts, content)) return table
  }
  return await describeModel(file, {
    ...common,
    measure,
    pathOf: content.pathOf,
    ...(measure === 'nothing' ? {} : { pool: await options.pool(payloadBytes(file)) }),
    ...(phase === undefined ? {} : { phase }),
    ...(reached === undefined ? {} : { reached }),
  })
}

/** Sending a tensor to a thread takes as long as hashing so many bytes. */
const SENDING_BYTES = 4 << 10

/** That threads can spare this one: a file may be large for its table alone, or for very many tensors of a few bytes. */
function payloadBytes({ tensors }: ModelFile): number {
  return Math.max(
    0,
    tensors.reduce((sum, { bytes }) => sum + bytes - SENDING_BYTES, 0),
  )
}

/** Fails only where the medium or the moment is at fault, and not the file. */
async function orFailure<T>(work: Promise<T>): Promise<{ result?: T; failure: ArtError | undefined }> {
  try {
    return { result: await work, failure: undefined }
  } catch (error) {
    if (isDamage(error)) return { failure: error }
    throw error
  }
}

function isDamage(error: unknown): error is ArtError {
  return (['CORRUPT', 'UNSUPPORTED', 'PATH_UNSAFE', 'NOT_FOUND'] as const).some((code) => isArtError(error, code))
}

async function isPickle(source: Source, signal: AbortSignal | undefined): Promise<boolean> {
  if (isPickleName(source.name)) return true
  if (source.size < 2) return false
  const [proto, version] = await source.read(0, 2, { signal })
  return proto === 0x80 && version! <= 5
}

async function scanned(
  { source, openBeside }: Content,
  file: ModelFile | undefined,
  signal: AbortSignal | undefined,
): Promise<Omit<Described, 'table' | 'failure'>> {
  const format: Format | undefined = file?.format
  const options = { signal, ...(openBeside && { openBeside }), ...(format && { format }) }
  const { result } = await orFailure(
    file?.pickled === undefined ? scanFile(source, options) : scanParts(file.pickled, openBeside, { signal }),
  )
  const { verdict, complete, imports, format: scannedAs }: ScanReport = result ?? UNSCANNED
  const names = (wanted: string): string[] => [
    ...new Set(imports.flatMap(({ module, name, verdict: own }) => (own === wanted ? [`${module}.${name}`] : []))),
  ]
  const scan = { verdict, unsafe: names('unsafe') }
  return { scan, format: scannedAs, unknownImports: names('unknown'), isScannedWhole: complete }
}

/** Of a model that lacks a part. */
const UNSCANNED: ScanReport = {
  format: undefined,
  verdict: 'unknown',
  complete: false,
  imports: [],
  pickles: [],
  problems: [],
  notes: [],
}

const TRAINER_STATE_MAX = 4 << 20

/** Of a directory only: what lies beside a file is no part of it. */
async function trainerStateBeside(
  { openBeside, isFolder }: Content,
  signal: AbortSignal | undefined,
): Promise<TrainerState | undefined> {
  const source = isFolder ? await openBeside?.('trainer_state.json') : undefined
  if (source === undefined) return undefined
  try {
    if (source.size > TRAINER_STATE_MAX) return undefined
    return parseTrainerState(Buffer.from(await source.read(0, source.size, { signal })).toString('utf8'))
  } finally {
    await source.close()
  }
}
