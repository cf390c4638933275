// `npm run kernel`: compiles the AssemblyScript in this folder to src/codec/kernel-bytes.ts. With --check it only says whether the two agree. The compiler is no
// dependency, since it is larger than everything else together: npx brings it when the kernel changes.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const COMPILER = 'assemblyscript@0.28.20'
const source = fileURLToPath(new URL('index.ts', import.meta.url))
const target = fileURLToPath(new URL('../src/codec/kernel-bytes.ts', import.meta.url))

const folder = mkdtempSync(join(tmpdir(), 'art-kernel-'))
try {
  const binary = join(folder, 'kernel.wasm')
  const flags = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--enable', 'bulk-memory', '-o', binary]
  const { status } = spawnSync('npx', ['--yes', '-p', COMPILER, 'asc', source, ...flags], {
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error('the kernel does not compile')
  const text = `// Written by \`npm run kernel\` from packages/core/kernel.
// biome-ignore format: one string
export const KERNEL = '${readFileSync(binary).toString('base64')}'
`
  if (!process.argv.includes('--check')) writeFileSync(target, text)
  else if (readFileSync(target, 'utf8') !== text)
    throw new Error('src/codec/kernel-bytes.ts is not what packages/core/kernel compiles to: npm run kernel')
} finally {
  rmSync(folder, { recursive: true, force: true })
}
