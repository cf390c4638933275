import { type CallOptions, isArtError, type Oid } from '@art/core'
import { changedWhileRead } from '@art/core/fs/refusal.ts'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import { TABLE_BYTES_MAX } from '@art/checkpoint/table/encode.ts'
import { isMeasured } from '@art/checkpoint/table/measured.ts'
import type { TensorTable } from '@art/checkpoint/table/table.ts'
import { getTable } from '@art/remote/transfer/tables.ts'
import { withRemote } from '../exchange/open-store.ts'
import type { Session } from '../workspace/session.ts'
import { alone } from './content.ts'
import { contradiction } from './contradiction.ts'
import type { Model } from './find.ts'
import { keepTable, keepToldTable, keptTable, tableFrom, toldTable } from './kept-table.ts'
import { checkpointOf } from './read-block.ts'
import { described, describeOptions } from './read-stored.ts'

export interface TableOptions extends CallOptions {
  /** Ask a remote where nothing is here: this one, or the default one for `true`. */
  remote?: string | boolean
  /** With sha256 and statistics of every tensor, which means reading all of the content; where it is here. */
  measured?: boolean
}

export interface FoundTable {
  table: TensorTable
  /** `own`: made from the bytes, on this machine. `told`: as a remote has it, and whoever can write there. */
  from: 'own' | 'told'
}

/**
 * The tensor table of a tracked model: as this machine made it, else from its bytes where they are here, else as a remote says, now if that is
 * asked for, or earlier. Undefined where none of them has it, and for what is no model. What is found is kept. What contradicts the pointer is
 * dropped with a warning. It is never proof of what the content is.
 *
 * Fails as reading the content and the remote do.
 */
export async function tableOf(
  session: Session,
  model: Pick<Model, 'open' | 'name'> & { pointer: Pointer },
  options: TableOptions = {},
): Promise<FoundTable | undefined> {
  const { oid } = model.pointer
  const { layout } = session.cache
  const kept = keptTable(layout, oid)
  if (kept !== undefined && (options.measured !== true || isMeasured(kept))) return own(kept)
  const content = await model.open()
  if (content !== undefined) {
    const alike = content.isFolder ? content : alone(content)
    const measure = options.measured === true ? 'everything' : 'weights'
    const wanted = describeOptions(session, options, measure)
    const { table, failure } = await described(alike, { ...wanted, known: kept })
    if (failure !== undefined && kept === undefined) throw failure
    if (!alike.isUntouched()) throw changedWhileRead(alike.source.name)
    if (table !== undefined && session.repo.config.get('models.facts')) keepTable(layout, oid, table)
    return own(table ?? kept)
  }
  return own(kept) ?? (await told(session, model, options))
}

function own(table: TensorTable | undefined): FoundTable | undefined {
  return table && { table, from: 'own' }
}

/** A remote that is named is asked anew. */
async function told(
  session: Session,
  { name, pointer }: Pick<Model, 'name'> & { pointer: Pointer },
  options: TableOptions,
): Promise<FoundTable | undefined> {
  const { oid, checkpoint } = pointer
  const block = checkpoint && checkpointOf(checkpoint)
  const warn = (key: string): void =>
    options.onEvent?.({
      type: 'warning',
      message: `a remote's tensor table is not believed: its ${key} is not what the pointer says`,
      path: name,
    })
  const kept = toldTable(session.cache.layout, oid)
  const doubt = kept && contradiction(kept, block)
  if (kept !== undefined && doubt === undefined && typeof options.remote !== 'string')
    return { table: kept, from: 'told' }
  if (options.remote === undefined || options.remote === false) {
    if (doubt !== undefined) warn(doubt)
    return undefined
  }
  const found = await tableFromRemote(session, oid, options)
  if (found === undefined) return undefined
  const against = contradiction(found.table, block)
  if (against !== undefined) {
    warn(against)
    return undefined
  }
  keepToldTable(session.cache.layout, oid, found.bytes)
  return { table: found.table, from: 'told' }
}

/** A damaged one counts as none. */
async function tableFromRemote(
  session: Session,
  oid: Oid,
  options: TableOptions,
): Promise<{ table: TensorTable; bytes: Uint8Array } | undefined> {
  const remote = typeof options.remote === 'string' ? options.remote : undefined
  return await withRemote(session.repo, { remote }, 'read', async ({ store }) => {
    const bytes = await getTable(store, oid, 2 * TABLE_BYTES_MAX, options).catch((error: unknown) => {
      if (isArtError(error, 'REMOTE_DAMAGED')) return undefined
      throw error
    })
    const table = bytes && tableFrom(bytes)
    return bytes !== undefined && table !== undefined ? { table, bytes } : undefined
  })
}
