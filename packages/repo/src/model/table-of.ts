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
import type { Model } from './find.ts'
import { keepTable, keepTableBytes, keptTable, tableFrom } from './kept-table.ts'
import { described, describeOptions } from './read-stored.ts'

export interface TableOptions extends CallOptions {
  /** Ask a remote where nothing is here: this one, or the default one for `true`. */
  remote?: string | boolean
  /** With sha256 and statistics of every tensor, which means reading all of the content; where it is here. */
  measured?: boolean
}

/**
 * The tensor table of a tracked model: as this machine keeps it, else from its bytes where they are here, else, if that is asked for, from a
 * remote. Undefined where none of them has it, and for what is no model. What is found is kept. It is never proof of what the content is.
 *
 * Fails as reading the content and the remote do.
 */
export async function tableOf(
  session: Session,
  model: Pick<Model, 'open'> & { pointer: Pointer },
  options: TableOptions = {},
): Promise<TensorTable | undefined> {
  const { oid } = model.pointer
  const { layout } = session.cache
  const kept = keptTable(layout, oid)
  if (kept !== undefined && (options.measured !== true || isMeasured(kept))) return kept
  const content = await model.open()
  if (content !== undefined) {
    const own = content.isFolder ? content : alone(content)
    const measure = options.measured === true ? 'everything' : 'weights'
    const wanted = describeOptions(session, own.source.size, options, measure)
    const { table, failure } = await described(own, { ...wanted, known: kept })
    if (failure !== undefined && kept === undefined) throw failure
    if (!own.isUntouched()) throw changedWhileRead(own.source.name)
    if (table !== undefined && session.repo.config.get('models.facts')) keepTable(layout, oid, table)
    return table ?? kept
  }
  if (kept !== undefined || options.remote === undefined || options.remote === false) return kept
  return await tableFromRemote(session, oid, options)
}

/** A damaged one counts as none. */
async function tableFromRemote(session: Session, oid: Oid, options: TableOptions): Promise<TensorTable | undefined> {
  const remote = typeof options.remote === 'string' ? options.remote : undefined
  return await withRemote(session.repo, { remote }, 'read', async ({ store }) => {
    const bytes = await getTable(store, oid, 2 * TABLE_BYTES_MAX, options).catch((error: unknown) => {
      if (isArtError(error, 'REMOTE_DAMAGED')) return undefined
      throw error
    })
    const table = bytes && tableFrom(bytes)
    if (bytes !== undefined && table !== undefined) keepTableBytes(session.cache.layout, oid, bytes)
    return table
  })
}
