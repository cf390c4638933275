import type { Fact } from '../facts/fact.ts'
import type { Facts } from '../facts/facts.ts'
import type { Format, Graph, Quantization } from '../model-file.ts'
import type { Verdict } from '../scan/report.ts'
import type { Statistics } from '../statistics/moments.ts'

/**
 * What is known of a model file without its bytes: enough to show it, to compare it, and to fetch its weights alone. Derived from the file, so
 * it may be lost, and never trusted for integrity.
 */
export interface TensorTable {
  readonly format: Format
  readonly producer?: { readonly name: string; readonly version?: string }
  /** The key that encloses the state dict; names of weights lack it. */
  readonly enclosing: string
  /** State dicts that are not the model's, such as an average. */
  readonly others: readonly string[]
  readonly storages: readonly TableStorage[]
  /** In the order of the file. */
  readonly tensors: readonly TableTensor[]
  /** Names of weights that the file gives to another of them. */
  readonly aliases: ReadonlyMap<string, string>
  /** Names of weights that are copies of another. */
  readonly copies: ReadonlyMap<string, string>
  readonly facts: Facts
  /** Of what the container keeps about itself, texts, numbers and short lists. */
  readonly metadata: ReadonlyMap<string, Fact>
  /** Names that the file's pickles ask to import. */
  readonly imports: readonly string[]
  readonly scan?: TableScan
  readonly graph?: Graph
  readonly warnings: readonly string[]
}

export interface TableScan {
  readonly verdict: Verdict
  /** The imports that make it so: `module.name`. */
  readonly unsafe: readonly string[]
}

/** Bytes that tensors are views of. */
export interface TableStorage {
  readonly bytes: number
  /** Where they stand, as they are: in the model file, or in `file` beside it. Undefined where they are compressed or computed. */
  readonly at?: number
  readonly file?: string
  readonly bigEndian?: boolean
  readonly device?: string
}

export interface TableTensor {
  /** The path in the object. */
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  readonly elements: number
  /** Of the contiguous payload. */
  readonly bytes: number
  /** Place in `storages`; absent for a tensor without data. */
  readonly storage?: number
  /** In elements, into the storage. */
  readonly offset: number
  readonly strides?: readonly number[]
  readonly conjugated?: boolean
  readonly negated?: boolean
  readonly requiresGrad?: boolean
  readonly parameter?: boolean
  readonly layout?: string
  readonly quantization?: Omit<Quantization, 'scales' | 'zeroPoints'>
  /** Its name among the weights; undefined where it is none of them. */
  readonly weight?: string
  /** 64 hex digits, of the payload. */
  readonly sha256?: string
  readonly statistics?: Statistics
}
