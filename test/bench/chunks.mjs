import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const CHUNKER = fileURLToPath(new URL('../../packages/core/src/chunk/chunker.ts', import.meta.url))

/** Bytes of the chunks of `newer` that `older` does not have, by the chunker alone: what any push must at least send. */
export async function changedChunkBytes(older, newer) {
  const findCuts = await loadChunker()
  const known = new Set([...chunks(older, findCuts)].map(({ id }) => id))
  let bytes = 0
  for (const { id, size } of chunks(newer, findCuts)) {
    if (!known.has(id)) bytes += size
    known.add(id)
  }
  return bytes
}

function* chunks(path, findCuts) {
  const buffer = readFileSync(path)
  let start = 0
  for (const end of findCuts(buffer, true)) {
    const chunk = buffer.subarray(start, end)
    yield { id: createHash('sha256').update(chunk).digest('hex'), size: chunk.length }
    start = end
  }
}

async function loadChunker() {
  const folder = mkdtempSync(join(tmpdir(), 'art-chunker-'))
  const outfile = join(folder, 'chunker.mjs')
  const banner = {
    js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url)",
  }
  await build({
    entryPoints: [CHUNKER],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    banner,
    logLevel: 'error',
  })
  const { findCuts } = await import(pathToFileURL(outfile).href)
  rmSync(folder, { recursive: true })
  return findCuts
}
