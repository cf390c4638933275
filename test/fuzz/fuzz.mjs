// `npm run fuzz -- [mutations] [seed]`: that many seeded mutations of a file of each format, 100,000 by default: none may end in a crash, a hang or growth.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const [mutations = '100000', seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2)
if (![mutations, seed].every((word) => /^\d+$/.test(word))) {
  console.error('npm run fuzz -- [mutations] [seed]')
  process.exit(2)
}
console.log(`${mutations} mutations of each file, seed ${seed}`)
const FILES = ['format/mutation.test.ts', 'format/pytorch/mutation.test.ts', 'zip/zip.test.ts']
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', ...FILES.map((name) => `packages/checkpoint/src/${name}`)],
  { cwd: root, stdio: 'inherit', env: { ...process.env, ART_MUTATIONS: mutations, ART_SEED: seed } },
)
process.exit(status ?? 1)
