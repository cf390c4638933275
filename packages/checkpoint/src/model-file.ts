import type { Source } from './source.ts'

/** The containers that art can read, as pointers and `--json` name them. */
export type Format =
  | 'pytorch'
  | 'pytorch-legacy'
  | 'torchscript'
  | 'torch-export'
  | 'safetensors'
  | 'onnx'
  | 'gguf'
  | 'npy'
  | 'npz'

/** Bytes that one or more tensors are views of. Identity is the object: two tensors that share weights share their storage. */
export interface Storage {
  /** Positions below count from the start of `source`; a compressed member is a source of its own. */
  readonly source: Source
  readonly offset: number
  readonly length: number
  readonly bigEndian: boolean
  /** Where the bytes stand in the model file itself (or in `file`, beside it), if they stand there as they are. */
  readonly place?: { readonly offset: number; readonly file?: string }
  /** The device that the tensor was saved from, such as `cuda:1`. */
  readonly device?: string
}

/** One tensor of a file. `storage` is undefined for a tensor without data (meta device). */
export interface Tensor {
  /**
   * The dot-joined path in the object, list steps as numbers (`model_state_dict.conv1.weight`); for pickled modules and TorchScript the
   * state-dict name; the name in the file for formats that have one.
   */
  readonly name: string
  /** Torch's name without `torch.`: `float32`, `bfloat16`, `int64`, `float8_e4m3fn`, `complex64`, `qint8`; a GGUF block type such as `q4_k`. */
  readonly dtype: string
  readonly shape: readonly number[]
  /** Elements and bytes of the contiguous payload. */
  readonly elements: number
  readonly bytes: number
  readonly storage: Storage | undefined
  /** In elements, into the storage. */
  readonly offset: number
  /** In elements; undefined where contiguous and row-major. */
  readonly strides?: readonly number[]
  /** The stored numbers are not the values: conjugated, or negated. */
  readonly conjugated?: boolean
  readonly negated?: boolean
  readonly requiresGrad?: boolean
  readonly parameter?: boolean
  /** Of the parts of one that is not dense: `sparse_coo`, `sparse_csr`, `quantized`, `nested`. */
  readonly layout?: string
  readonly quantization?: Quantization
}

/**
 * How the integers of a quantized tensor become values: (stored - zeroPoint) * scale. Where each channel of `axis` has its own, these are
 * tensors, listed too: `name.scales` and `name.zero_points`.
 */
export interface Quantization {
  /** `per_tensor_affine`, `per_channel_affine`, … */
  readonly scheme: string
  readonly scale?: number
  readonly zeroPoint?: number
  readonly axis?: number
  readonly scales?: Omit<Tensor, 'name'>
  readonly zeroPoints?: Omit<Tensor, 'name'>
}

/** What a file holds beside tensors, as plain data: nothing of it was executed. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | ListValue
  | DictValue
  | TensorValue
  | GlobalValue
  | ObjectValue

export interface ListValue {
  readonly kind: 'list' | 'tuple' | 'set' | 'frozenset'
  readonly items: Value[]
}

/** Keys are any values, in the file's order; a key may occur once only. Also OrderedDict, defaultdict, Counter. */
export interface DictValue {
  readonly kind: 'dict'
  readonly entries: [key: Value, value: Value][]
}

export interface TensorValue {
  readonly kind: 'tensor'
  readonly tensor: Omit<Tensor, 'name'>
}

/** A name that the file asks to import. It was not. */
export interface GlobalValue {
  readonly kind: 'global'
  readonly module: string
  readonly name: string
}

/** An instance of a class, or the result of a call, that this reader does not know: only what it was made from. */
export interface ObjectValue {
  readonly kind: 'object'
  readonly type: Value
  readonly args: Value | undefined
  /** What `BUILD` was given: usually a dict of attributes. */
  state: Value | undefined
  readonly items: Value[]
  readonly entries: [key: Value, value: Value][]
}

/** A model file, read as far as its tables go: payloads stay where they are until somebody asks. */
export interface ModelFile {
  readonly format: Format
  /** In the order of the file. */
  readonly tensors: readonly Tensor[]
  /** The pickled object, for the formats that have one. May hold cycles. */
  readonly root?: Value
  /** Strings and numbers that the container keeps about itself: safetensors `__metadata__`, ONNX metadata_props and opsets, GGUF keys. */
  readonly metadata: ReadonlyMap<string, Value>
  /** What wrote it, where the file says so. */
  readonly producer?: { readonly name: string; readonly version?: string }
  /** Names that the file's pickles ask to import: `module.name`, sorted, each once. */
  readonly imports: readonly string[]
  /** Of a model in several files that hold pickles: the names of these, beside the one that was read. */
  readonly pickled?: readonly string[]
  /** Graph inputs, outputs, operators: of formats that hold a graph. */
  readonly graph?: Graph
  /** What a reader should know and could not be kept out: `'two tensors are named x'`. */
  readonly warnings: readonly string[]
  /** Of a model in more than one file: closes those that the reader opened, to be called when no payload is wanted any more. */
  readonly close?: () => Promise<void>
}

export interface Graph {
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
  /** Operator → how often, sorted by name. */
  readonly operators: ReadonlyMap<string, number>
  readonly nodes: number
}

export interface Port {
  readonly name: string
  readonly dtype: string | undefined
  /** A name for a dimension that is not fixed. */
  readonly shape: readonly (number | string)[] | undefined
}

/** Bounds of what a file from a stranger can make a reader do. Beyond each the reader fails with `CORRUPT`, never with a crash. */
export interface Limits {
  /** Bytes of tables, headers and pickles that are held in memory at once. */
  readonly tableBytes: number
  readonly tensors: number
  /** Values that a pickle, a header or a graph may make. */
  readonly values: number
  readonly depth: number
}

export const LIMITS: Limits = { tableBytes: 100_000_000, tensors: 1_000_000, values: 4_000_000, depth: 1_000 }
