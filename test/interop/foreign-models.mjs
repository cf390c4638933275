// `node test/interop/foreign-models.mjs <folder>…`: reads every file below the folders that art knows as a model file, whatever its name,
// payloads included, and prints which cannot be read. Meant for files that nobody here wrote: what the onnx package ships as test data,
// models inside packages of a registry. Exit 1 where a file fails, or none was a model.
//
//   pip download --no-deps onnx==1.23.2 && unzip -q onnx-*.whl -d onnx-wheel
//   node test/interop/foreign-models.mjs onnx-wheel
//
// With `--facts <file>`, what foreign_facts.py printed, the payload of every tensor is compared with what the format's own library reads.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const { values, positionals: roots } = parseArgs({ options: { facts: { type: 'string' } }, allowPositionals: true })
if (roots.length === 0) {
  console.error('node test/interop/foreign-models.mjs [--facts <file>] <folder>…')
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'art-foreign-'))
let isGood = false
try {
  await build({
    entryPoints: [join(here, 'foreign-models.ts')],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    tsconfig: join(here, '../../tsconfig.json'),
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  })
  const { readForeignModels } = await import(pathToFileURL(join(folder, 'foreign-models.mjs')).href)
  isGood = await readForeignModels(roots, values.facts, console.log)
} finally {
  rmSync(folder, { recursive: true })
}
process.exit(isGood ? 0 : 1)
