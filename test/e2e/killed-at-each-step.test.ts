import { existsSync, readFileSync } from 'node:fs'
import { formatTagMessage } from '@art/registry/tag/message.ts'
import { beforeAll, expect, test } from 'vitest'
import { oneRepository, place, work } from './fresh.ts'
import { DATA, Work } from './harness.ts'
import { treeOf } from './tree.ts'

/** Kills its process before the n-th thing that it removes in the workspace or its registry. */
const KILLER = `
const fs = require('node:fs')
let left = Number(process.env.KILL_BEFORE)
for (const name of ['rmSync', 'unlinkSync', 'renameSync']) {
  const real = fs[name]
  fs[name] = (...args) => {
    const isOne = name === 'renameSync' ? /registry\\.json$/.test(args[1]) : /models.[^.]|art-tmp/.test(args[0])
    if (isOne && --left === 0) process.kill(process.pid, 'SIGKILL')
    return real(...args)
  }
}
require('node:module').syncBuiltinESMExports()
`
const FILES = ['models/net.pth', 'models/shards/a.bin', 'models/shards/b/c.bin']

let killer: string

oneRepository()
beforeAll(async () => {
  killer = place.write('killer.cjs', KILLER)
  await work.ok('remote', 'add', '-d', 'origin', place.path('store'))
  work.write('models.yaml', 'models:\n  net: models/net.pth\n')
  const bytes = readFileSync(`${DATA}/simple_cnn.pth`)
  work.write('models/net.pth', bytes)
  for (const path of FILES.slice(1)) work.write(path, path)
  const { added } = await work.json<{ added: { oid: string }[] }>('add', 'models/net.pth', 'models/shards')
  await work.commit('model')
  const commit = await work.git('rev-parse', 'HEAD')
  const facts = { version: '1.0.0', path: 'models/net.pth', oid: added[0]!.oid, kind: 'f' as const, size: bytes.length }
  await work.git('tag', '-a', 'net@v1.0.0', '-m', formatTagMessage('Release', { ...facts, gitCommit: commit }))
  await work.ok('models', '--fix')
  await work.ok('push')
})

/** What a person sees; ignore lines may come back in another order. */
function seen({ folder }: Work): Record<string, string> {
  return Object.fromEntries(Object.entries(treeOf(folder)).filter(([path]) => !path.endsWith('.gitignore')))
}

test.each([
  ['archive', ['net@v1.0.0', 'models/shards'], []],
  ['unarchive', ['models/archived'], ['archive', 'net@v1.0.0', 'models/shards']],
])('%s that is killed before any step is completed by the same command', async (verb, targets, before) => {
  const command = [verb, ...targets]
  let copies = 0
  const fresh = async (): Promise<Work> => {
    const copy = new Work(place, place.path(`${verb}${copies++}`))
    await place.run('cp', ['-a', work.folder, copy.folder])
    if (before.length > 0) await copy.ok(...before)
    return copy
  }
  const reference = await fresh()
  await reference.ok(...command)
  const wanted = seen(reference)
  for (let step = 1; ; step++) {
    const copy = await fresh()
    const env = { NODE_OPTIONS: `--require ${killer}`, KILL_BEFORE: String(step) }
    const { code } = await copy.artWith({ env }, ...command)
    if (code !== 'SIGKILL') break
    // Of what is done already it says that nothing has that name.
    await copy.art(...command)
    expect(seen(copy), `step ${step}`).toEqual(wanted)
    for (const path of FILES) expect(existsSync(copy.path(path)), path).toBe(verb === 'unarchive')
    expect(step).toBeLessThan(100)
  }
  expect(copies).toBeGreaterThan(8)
})
