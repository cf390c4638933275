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
  /** Files within files around this one. */
  readonly depth: number
  /** What the file holds that is the argument of `torch.storage._load_from_bytes`. */
  readonly within: (file: Value | undefined, reading: Reading) => Value | undefined
}

export function newReading(limits: Limits, options: CallOptions | undefined, within: Reading['within']): Reading {
  return { limits, budget: newBudget(limits), imports: new Set(), warnings: new Set(), options, depth: 0, within }
}

/** Runs a pickle symbolically and takes down what it would import. Its bytes count as memory, too. */
export function run(bytes: Uint8Array, reading: Reading, eager?: Eager): Unpickled {
  spend(reading.budget, 0, bytes.length)
  const result = runPickle(bytes, 0, reading.budget, eager)
  for (const name of result.imports) reading.imports.add(name)
  return result
}

/** The pickle's object as plain data, its tensors over the storages of the table. */
export function readValue(bytes: Uint8Array, storages: StorageTable, reading: Reading): Value {
  return plainOf(run(bytes, reading, torchEager(storages)).value, storages, reading)
}

/** The same of what the pickle described. */
export function plainOf(value: Value, storages: StorageTable, reading: Reading): Value {
  const within = (file: Value | undefined): Value | undefined => reading.within(file, reading)
  return settle(value, torchKnowledge(storages, reading.warnings, within), reading.budget)
}
