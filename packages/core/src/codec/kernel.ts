import { CHUNK_MAX } from '../chunk/chunker.ts'
import { KERNEL } from './kernel-bytes.ts'

/** What kernel/index.ts exports; the numbers are places in its memory. */
interface Exports {
  memory: WebAssembly.Memory
  RAW: WebAssembly.Global
  STORED: WebAssembly.Global
  ENTROPIES: WebAssembly.Global
  COUNT_LOGS: WebAssembly.Global
  sample(length: number): void
  repeats(length: number): number
  planeAt(length: number, stride: number, plane: number): number
  split(length: number, stride: number): void
  join(length: number, stride: number): void
  deflate(from: number, length: number, to: number): number
  inflate(from: number, length: number, to: number, wanted: number): number
}

/** Bytes of a sample at most. */
const SAMPLE_BYTES = 64 * 64

export const kernel = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(KERNEL, 'base64')), {
  // Called where memory or an index is wrong, which it never is.
  env: { abort: () => undefined },
}).exports as unknown as Exports

export const memory = Buffer.from(kernel.memory.buffer)
export const RAW = kernel.RAW.value as number
export const STORED = kernel.STORED.value as number

/** Of the last chunk that was sampled: the planes of stride 8, 4, 2 and 1, one behind the other. */
export const entropies = new Float64Array(kernel.memory.buffer, kernel.ENTROPIES.value as number, 15)

const logs = new Float64Array(kernel.memory.buffer, kernel.COUNT_LOGS.value as number, SAMPLE_BYTES + 1)
for (let count = 1; count <= SAMPLE_BYTES; count++) logs[count] = count * Math.log2(count)

/** Where every function of the kernel looks for the chunk, of at most 128 KiB, that it is about. */
export function loadChunk(raw: Uint8Array): void {
  if (raw.length > CHUNK_MAX) throw new RangeError(`no chunk has ${raw.length} bytes`)
  memory.set(raw, RAW)
}
