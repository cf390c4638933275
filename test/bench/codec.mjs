// Prints what the chunker, the codec, the tree builder and the chunk index cost on this machine: node test/bench/codec.mjs
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const CHUNK = 64 << 10
const TOTAL = 16 << 20

const core = await load(`
  export * from './chunk/chunker.ts'
  export * from './codec/codec.ts'
  export * from './pack/chunk-index.ts'
  export * from './pack/table.ts'
  export * from './tree/build.ts'
  export * from './tree/names.ts'
  export * from './index/from-tree.ts'
`)

console.log('codec'.padEnd(18), 'stored %   in MB/s  out MB/s')
for (const [name, data] of Object.entries(samples())) measureCodec(name, data)
measureChunker()
measureTree()
measureIndex()

async function load(contents) {
  const resolveDir = new URL('../../packages/core/src', import.meta.url).pathname
  const built = await build({
    stdin: { contents, resolveDir, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
  })
  const folder = mkdtempSync(join(tmpdir(), 'art-bench-'))
  try {
    const file = join(folder, 'core.mjs')
    writeFileSync(file, built.outputFiles[0].contents)
    return await import(pathToFileURL(file).href)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function measureCodec(name, data) {
  const chunks = []
  for (let at = 0; at < data.length; at += CHUNK) chunks.push(data.subarray(at, at + CHUNK))
  const target = Buffer.alloc(CHUNK)
  const encode = () => chunks.map((chunk) => core.encodeChunk(chunk))
  const keep = ({ scheme, bytes }) => ({ scheme, bytes: Buffer.from(bytes) })
  const stored = chunks.map((chunk) => keep(core.encodeChunk(chunk)))
  const decode = () =>
    stored.forEach(({ scheme, bytes }, i) => core.decodeChunkInto(scheme, bytes, target.subarray(0, chunks[i].length)))
  const into = fastest(encode)
  const out = fastest(decode)
  const bytes = stored.reduce((sum, chunk) => sum + chunk.bytes.length, 0)
  const schemes = [...new Set(stored.map(({ scheme }) => `0x${scheme.toString(16)}`))].join(' ')
  const percent = ((100 * bytes) / data.length).toFixed(1)
  console.log(
    name.padEnd(18),
    percent.padStart(8),
    rate(data, into).padStart(9),
    rate(data, out).padStart(9),
    ' ',
    schemes,
  )
}

function measureChunker() {
  const data = randomBytes(64 << 20)
  let cuts = []
  const seconds = fastest(() => (cuts = core.findCuts(data, true)))
  console.log(
    `chunker ${rate(data, seconds)} MB/s, ${cuts.length} chunks of ${Math.round(data.length / cuts.length)} bytes`,
  )
}

function measureTree() {
  const names = core.sortNames(Array.from({ length: 100_000 }, (_, i) => `image-${i * 7919}.jpg`))
  const oid = randomBytes(32)
  const entries = names.map((name) => ({ name, kind: 'f', executable: false, size: 10_000, oid }))
  const hashes = Uint32Array.from(names, (name) => createHash('sha256').update(name).digest().readUInt32BE())
  let built
  const plain = fastest(() => (built = core.buildFolder(entries)))
  const hashed = fastest(() => core.buildFolder(entries, hashes))
  const nodes = new Map(built.nodes.map((node) => [node.oid.toString('hex'), node.bytes]))
  const read = fastest(() => core.indexFromTree(built.oid, (id) => nodes.get(id.toString('hex'))))
  const ms = (seconds) => `${(seconds * 1000).toFixed(0)} ms`
  console.log(
    `folder of 100,000: built ${ms(plain)}, with known name hashes ${ms(hashed)}, read ${ms(read)}, ${built.nodes.length} nodes`,
  )
}

function measureIndex() {
  const count = 1_000_000
  const table = randomBytes(count * 44)
  let index
  const seconds = fastest(() => (index = core.ChunkIndex.build([{ table, count }])))
  const lookups = fastest(() => {
    for (let i = 0; i < count; i++) index.lookup(table, ((i * 7919) % count) * 44)
  })
  console.log(
    `index of 1,000,000: built ${(seconds * 1000).toFixed(0)} ms, ${((lookups / count) * 1e9).toFixed(0)} ns a look-up`,
  )
}

function fastest(run) {
  let best = Infinity
  for (let i = 0; i < 4; i++) {
    const start = process.hrtime.bigint()
    run()
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1e9)
  }
  return best
}

function rate(data, seconds) {
  return (data.length / seconds / 1e6).toFixed(0)
}

function samples() {
  const count = TOTAL / 4
  const fp32 = Float32Array.from({ length: count }, () => normal() * 0.02)
  const bits = new Uint32Array(fp32.buffer)
  const bf16 = Uint16Array.from({ length: count * 2 }, (_, i) => bits[i % count] >>> 16)
  const text = Array.from(
    { length: count / 16 },
    (_, i) => `${i},sample ${Math.floor(Math.random() * 1e6)},train,0.${i % 977}\n`,
  ).join('')
  return {
    fp32: bytesOf(fp32),
    bf16: bytesOf(bf16),
    fp16: bytesOf(Uint16Array.from({ length: count * 2 }, (_, i) => half(fp32[i % count]))),
    'bf16 in fp32': bytesOf(bits.map((value) => (value & 0xffff0000) >>> 0)),
    fp64: bytesOf(Float64Array.from({ length: count / 2 }, () => normal())),
    'Adam m': bytesOf(fp32.map((value) => value * Math.abs(normal()) * 1e-3)),
    'Adam v': bytesOf(fp32.map((value) => value * value * 1e-3)),
    'int64 ids': bytesOf(BigInt64Array.from({ length: count / 2 }, () => BigInt(Math.floor(Math.random() * 50_000)))),
    text: Buffer.from(text),
    random: randomBytes(TOTAL),
  }
}

function bytesOf(array) {
  return Buffer.from(array.buffer)
}

function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())
}

/** Nearest half, without subnormal ones. */
function half(value) {
  const [word] = new Uint32Array(Float32Array.of(value).buffer)
  const exponent = ((word >>> 23) & 0xff) - 112
  if (exponent <= 0) return (word >>> 16) & 0x8000
  return ((word >>> 16) & 0x8000) | (((exponent << 10) | ((word >>> 13) & 0x3ff)) & 0x7fff)
}
