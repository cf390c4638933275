// `npm run soak -- [minutes] [first seed]`: push, gc and compaction against each other in seeded orders, until the time is over.
// `SEED=n npm run soak` replays one of them and prints every call.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const [minutes = '5', from = String(Date.now() % 1_000_000_000)] = process.argv.slice(2)
const only = process.env.SEED === undefined ? undefined : Number(process.env.SEED)
if (![Number(minutes), Number(from), only ?? 0].every(Number.isFinite)) {
  console.error('npm run soak -- [minutes] [first seed]')
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'art-soak-'))
let failed = 1
try {
  await build({
    entryPoints: [join(here, 'soak.ts')],
    outfile: join(folder, 'soak.mjs'),
    tsconfig: join(here, '../../tsconfig.json'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    banner: { js: "import{createRequire as soakRequire}from'node:module';const require=soakRequire(import.meta.url);" },
  })
  const { soak } = await import(pathToFileURL(join(folder, 'soak.mjs')).href)
  failed = await soak(Number(minutes), Number(from), only, console.log)
} finally {
  rmSync(folder, { recursive: true })
}
process.exit(failed > 0 ? 1 : 0)
