import { type CallOptions, fromSystemError } from '@art/core'
import type { TensorTable } from '@art/checkpoint/table/table.ts'
import type { Session } from '../workspace/session.ts'
import { describeContent } from './describe.ts'
import type { Model } from './find.ts'
import { withRemoteContents } from './remote.ts'
import { modelSettings } from './settings.ts'
import { tableOf } from './table-of.ts'

export interface FarOptions extends CallOptions {
  /** Another remote than the default one. */
  remote?: string | undefined
}

export interface FarTable {
  table: TensorTable
  from: 'table' | 'remote-table' | 'remote'
}

/**
 * The tensor table of a content that is not on this machine: as a remote says, or said before, else made from the few ranges of the file that tables take.
 * Undefined without a remote, and where that has neither. A remote that fails is a warning where `optional`.
 */
export async function farTable(
  session: Session,
  model: Model,
  options: FarOptions,
  optional: boolean,
): Promise<FarTable | undefined> {
  const { remote } = options
  const hasRemote = remote !== undefined || session.repo.config.defaultRemote() !== undefined
  try {
    const { name, pointer } = model
    const asked = { ...options, remote: hasRemote && (remote ?? true) }
    const found = pointer && (await tableOf(session, { open: async () => undefined, name, pointer }, asked))
    if (found !== undefined) return { table: found.table, from: found.from === 'own' ? 'table' : 'remote-table' }
    return hasRemote ? await fromRanges(session, model, options) : undefined
  } catch (error) {
    options.signal?.throwIfAborted()
    if (!optional) throw error
    const { message } = fromSystemError(error, model.name)
    options.onEvent?.({
      type: 'warning',
      message: `nothing more can be had from the remote: ${message}`,
      path: model.name,
    })
    return undefined
  }
}

async function fromRanges(session: Session, model: Model, options: FarOptions): Promise<FarTable | undefined> {
  return await withRemoteContents(session, options, async (remote) => {
    const content = await model.open(remote)
    if (content === undefined) return undefined
    try {
      const settings = modelSettings(session.repo.config)
      const pool = () => session.pool({ files: 1 })
      const { table, failure } = await describeContent(content, { ...options, settings, measure: 'nothing', pool })
      if (failure !== undefined) throw failure
      return table === undefined ? undefined : { table, from: 'remote' }
    } finally {
      await content.close()
    }
  })
}
