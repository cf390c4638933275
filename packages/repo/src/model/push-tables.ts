import { type CallOptions, fromSystemError, type Oid } from '@art/core'
import { encodeTable } from '@art/checkpoint/table/encode.ts'
import { isMeasured } from '@art/checkpoint/table/measured.ts'
import type { ObjectStore } from '@art/remote'
import { mapParallel } from '@art/remote/transfer/parallel.ts'
import { putTable, tableSizes } from '@art/remote/transfer/tables.ts'
import type { WantedTarget } from '../exchange/wanted.ts'
import { typedPath } from '../target/path.ts'
import type { Session } from '../workspace/session.ts'
import { keepTable, keptTable, keptTableBytes, tableFrom } from './kept-table.ts'
import { described, describeOptions, storedContent } from './read-stored.ts'

/** The tensor tables of a push. Whatever goes wrong with them is a warning: they can be made again. */
export interface PushTables {
  /** Measures all tensors of these contents, since they are read now anyway; returns at once. */
  complete(targets: readonly Pick<WantedTarget, 'oid'>[]): void
  /** Sends what the remote lacks, or knows less of, after what was begun is done. Returns how many bytes went. */
  send(store: ObjectStore): Promise<number>
  /** Stops what is still running. */
  close(): Promise<void>
}

export function pushTables(session: Session, models: readonly WantedTarget[], options: CallOptions): PushTables {
  const byOid = new Map(models.map((model) => [model.oid, model]))
  const begun = new Set<Oid>()
  const stop = new AbortController()
  const onAbort = (): void => stop.abort(options.signal?.reason)
  options.signal?.addEventListener('abort', onAbort, { once: true })
  let measuring = Promise.resolve()

  const problems: { path: string; error: unknown }[] = []

  const measureOne = async (model: WantedTarget): Promise<void> => {
    if (stop.signal.aborted) return
    try {
      await complete(session, model, { ...options, signal: stop.signal })
    } catch (error) {
      if (!stop.signal.aborted) problems.push({ path: model.path, error })
    }
  }

  const sendOne = async (model: WantedTarget, there: number | undefined, store: ObjectStore): Promise<number> => {
    try {
      const bytes = keptTableBytes(session.cache.layout, model.oid) ?? (await make(session, model, options, there))
      if (bytes === undefined || bytes.length <= (there ?? 0) || tableFrom(bytes) === undefined) return 0
      await putTable(store, model.oid, bytes, options)
      return bytes.length
    } catch (error) {
      options.signal?.throwIfAborted()
      problems.push({ path: model.path, error })
      return 0
    }
  }

  const sendAll = async (store: ObjectStore): Promise<number> => {
    try {
      const sizes = await tableSizes(store, [...byOid.keys()], options)
      const sent = await mapParallel([...byOid.values()], (model) => sendOne(model, sizes.get(model.oid), store))
      return sent.reduce((sum, bytes) => sum + bytes, 0)
    } catch (error) {
      options.signal?.throwIfAborted()
      problems.push({ path: store.url, error })
      return 0
    }
  }

  return {
    complete(targets) {
      for (const { oid } of targets) {
        const model = byOid.get(oid)
        if (model === undefined || begun.has(oid)) continue
        begun.add(oid)
        measuring = measuring.then(() => measureOne(model))
      }
    },
    async send(store) {
      await measuring
      const sent = await sendAll(store)
      warnOf(problems, session, options)
      return sent
    },
    async close() {
      options.signal?.removeEventListener('abort', onAbort)
      stop.abort()
      await measuring
    },
  }
}

/** One line: what is wrong with one is mostly wrong with all. */
function warnOf(
  [first, ...others]: readonly { path: string; error: unknown }[],
  { repo }: Session,
  { onEvent }: CallOptions,
): void {
  if (first === undefined) return
  const { message } = fromSystemError(first.error, first.path)
  const more = others.length > 0 ? ` (and ${others.length} more)` : ''
  onEvent?.({
    type: 'warning',
    message: `its tensor table was not sent${more}: ${message}`,
    path: typedPath(repo, first.path),
  })
}

/** Measures every tensor of a content that is cached, unless that was done before. */
async function complete(session: Session, model: WantedTarget, options: CallOptions): Promise<void> {
  const { layout } = session.cache
  const kept = keptTable(layout, model.oid)
  if (kept !== undefined && isMeasured(kept)) return
  const content = await storedContent(session, model.path, model)
  if (content === undefined) return
  const wanted = describeOptions(session, options, 'everything')
  const { table } = await described(content, { ...wanted, known: kept })
  if (table !== undefined) keepTable(layout, model.oid, table)
}

/** Of a content that the remote has had before: what needs no reading of payloads. The digest is its pointer's to tell. */
async function make(
  session: Session,
  model: WantedTarget,
  options: CallOptions,
  there: number | undefined,
): Promise<Buffer | undefined> {
  const content = there === undefined ? await storedContent(session, model.path, model) : undefined
  if (content === undefined) return undefined
  const { table } = await described(content, describeOptions(session, options, 'nothing'))
  if (table === undefined || !keepTable(session.cache.layout, model.oid, table)) return undefined
  return encodeTable(table)
}
