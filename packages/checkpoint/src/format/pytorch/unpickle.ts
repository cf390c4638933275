import type { CallOptions } from '@art/core'
import type { Limits, Storage, Value } from '../../model-file.ts'
import { type Budget, newBudget } from '../../pickle/budget.ts'
import { runPickle, type Unpickled } from '../../pickle/machine.ts'
import { settle } from '../../pickle/settle.ts'
import { torchKnowledge } from './knowledge.ts'
import { parseStorageId, type StorageId, storageTable } from './storages.ts'

export interface PyTorchOptions extends CallOptions {
  readonly limits?: Limits
}

/** What one file has been read into so far. */
export interface Reading {
  readonly limits: Limits
  readonly budget: Budget
  readonly imports: Set<string>
  readonly options: CallOptions | undefined
}

export function newReading(limits: Limits, options: CallOptions | undefined): Reading {
  return { limits, budget: newBudget(limits), imports: new Set(), options }
}

/** Runs a pickle symbolically and takes down what it would import. */
export function run(bytes: Uint8Array, start: number, reading: Reading): Unpickled {
  const result = runPickle(bytes, start, reading.budget)
  for (const name of result.imports) reading.imports.add(name)
  return result
}

/** The storages that a pickle names, each key once. Numbers of ids that are not plain yet are looked at when it is settled. */
export function storagesOf(pickle: Unpickled): StorageId[] {
  const ids = new Map<string, StorageId>()
  for (const { args } of pickle.persistent) {
    const id = parseStorageId(args ?? null)
    const known = id && ids.get(id.key)
    if (id !== undefined && (known === undefined || known.length < id.length)) ids.set(id.key, id)
  }
  return [...ids.values()]
}

/** The pickle's object as plain data, its tensors over the storages that `find` gives. */
export function plainOf(pickle: Unpickled, find: (id: StorageId) => Storage, reading: Reading): Value {
  return settle(pickle.value, torchKnowledge(storageTable(find)), reading.budget)
}
