import type { CallOptions } from '@art/core'
import type { Limits, Value } from '../../model-file.ts'
import { type Budget, newBudget, spend } from '../../pickle/budget.ts'
import { type Eager, runPickle, type Unpickled } from '../../pickle/machine.ts'
import { settle } from '../../pickle/settle.ts'
import { torchEager, torchKnowledge } from './knowledge.ts'
import type { StorageTable } from './storages.ts'

export interface PyTorchOptions extends CallOptions {
  readonly limits?: Limits
}

/** What one file has been read into so far. */
export interface Reading {
  readonly limits: Limits
  readonly budget: Budget
  readonly imports: Set<string>
  readonly warnings: Set<string>
  readonly options: CallOptions | undefined
}

export function newReading(limits: Limits, options: CallOptions | undefined): Reading {
  return { limits, budget: newBudget(limits), imports: new Set(), warnings: new Set(), options }
}

/** Runs a pickle symbolically and takes down what it would import. Its bytes count as memory, too. */
export function run(bytes: Uint8Array, reading: Reading, eager?: Eager): Unpickled {
  spend(reading.budget, 0, bytes.length)
  const result = runPickle(bytes, 0, reading.budget, eager)
  for (const name of result.imports) reading.imports.add(name)
  return result
}

/** Python's own pickle saves a storage as bytes of a file within the file. */
const NESTED = 'torch.storage._load_from_bytes'

/** The pickle's object as plain data, its tensors over the storages of the table. */
export function readValue(bytes: Uint8Array, storages: StorageTable, reading: Reading): Value {
  const { value, imports } = run(bytes, reading, torchEager(storages))
  if (imports.has(NESTED)) reading.warnings.add('a nested file of torch.save is not read')
  return settle(value, torchKnowledge(storages, reading.warnings), reading.budget)
}
