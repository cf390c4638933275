import { ArtError, type CallOptions } from '@art/core'
import type { ReleaseRecord } from '@art/registry/files/record.ts'
import type { Repo } from '../open.ts'
import type { Registry } from './open.ts'

export interface RecordsOptions extends CallOptions {
  /** Only of this model. */
  model?: string
  /** As it was at a time, in milliseconds since 1970. */
  at?: number
}

/**
 * Every release of the ledger, by model, the oldest version first. A release of which neither its tag nor the tree of its commit says what data
 * it is of is left out. Takes a handful of git processes however many releases there are. Fails with `GIT`.
 */
export async function records(
  _repo: Repo,
  _registry: Registry,
  _options: RecordsOptions = {},
): Promise<ReleaseRecord[]> {
  throw new ArtError('INTERNAL', 'records are not made yet')
}
