/** For tests: a safetensors file of float32 tensors, each of that many zeros and ones. */
export function safetensorsBytes(
  tensors: Readonly<Record<string, number>>,
  metadata: Readonly<Record<string, string>> = {},
): Buffer {
  let at = 0
  const entries = Object.entries(tensors).map(([name, count]) => {
    const offsets = [at, (at += 4 * count)]
    return [name, { dtype: 'F32', shape: [count], data_offsets: offsets }]
  })
  const header = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  const values = Float32Array.from({ length: at / 4 }, (_, i) => i % 2)
  return Buffer.concat([length, header, new Uint8Array(values.buffer)])
}
