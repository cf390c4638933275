import type { ObjectStore } from '@art/remote/object-store.ts'
import type { Ledger } from './ledger.ts'

/** A push that leaves a step out, or does it in another order: its store lies to it. */
export type Mutation = (store: ObjectStore, ledger: Ledger) => MutantStore

export interface MutantStore extends ObjectStore {
  /** The push has returned. */
  settled?(): Promise<void>
}
