import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type S3Server, SERVERS } from '../server/s3.mjs'
import { DATA, Place, type Work } from './harness.ts'

const SHARDED = join(DATA, 'models/safetensors/sharded')
const INDEX = 'model.safetensors.index.json'
const FIRST = 'model-00001-of-00002.safetensors'

let place: Place
let origin: Work
let server: S3Server | undefined
let env: Record<string, string> = {}

const found = SERVERS.find(({ name, installed }) => name === 'versitygw' && installed())

/** A sharded model and a single one among data, of which no table is kept anywhere. */
beforeAll(async () => {
  place = new Place()
  origin = await place.repository('team')
  await origin.ok('config', 'models.facts', 'off')
  await origin.ok('remote', 'add', '-d', 'origin', place.path('store'))
  cpSync(SHARDED, origin.path('llm'), { recursive: true })
  cpSync(join(DATA, 'models/safetensors/numpy.safetensors'), origin.path('one/model.safetensors'))
  origin.write('one/data/a.txt', 'a')
  await origin.ok('add', 'llm', 'one')
  await origin.ok('push')
  if (found !== undefined) {
    server = await found.start()
    await server.makeBucket('models')
    env = { AWS_ACCESS_KEY_ID: server.accessKeyId, AWS_SECRET_ACCESS_KEY: server.secretAccessKey }
    await origin.ok('remote', 'add', 's3', 's3://models/x', '--endpoint', server.endpoint, '--region', 'us-east-1')
    expect((await origin.artWith({ env }, 'push', '-r', 's3')).code).toBe(0)
  }
  await origin.commit('pointers')
})
afterAll(async () => {
  await server?.stop()
  place.dispose()
})

describe.each([
  ['a folder', 'origin'],
  ['S3', 's3'],
])('a directory of which a part is here, and the rest in %s', (_, remote) => {
  if (remote === 's3' && found === undefined) {
    test.skip('versitygw is not installed: run node test/server/install.mjs', () => {})
    return
  }
  let work: Work
  const run = async (...args: string[]): Promise<{ code: unknown; document: Record<string, unknown> }> => {
    const { code, stdout, stderr } = await work.artWith({ env }, ...args, '--json')
    return { code, document: JSON.parse(stdout || stderr) as Record<string, unknown> }
  }
  beforeAll(async () => {
    work = await place.clone(origin.folder, `clone-${remote}`)
    await work.ok('config', '--local', 'core.remote', remote)
    const parts = [`llm/${INDEX}`, `llm/${FIRST}`, 'one/data/a.txt']
    expect((await run('pull', ...parts)).code).toBe(0)
    for (const folder of ['llm', 'one']) rmSync(work.path(folder), { recursive: true, force: true })
  })

  test('show, compare and diff read what they need of the rest', async () => {
    const { tensors } = await origin.json<{ tensors: unknown[] }>('show', 'llm')
    for (const name of ['llm', 'HEAD:llm']) {
      const shown = (await run('show', name)).document
      expect(shown).toMatchObject({ from: 'remote', here: false })
      expect(shown['tensors']).toHaveLength(tensors.length)
    }
    expect((await run('show', 'one')).document).toMatchObject({ from: 'remote', format: 'safetensors' })
    expect(await run('compare', 'llm')).toMatchObject({ code: 0, document: { models: [{ path: 'llm' }] } })
    const { code, document } = await run('diff', '--tensors', 'llm', join(SHARDED, INDEX))
    expect(code).toBe(0)
    // Nothing but names and shapes is read from afar: these are all there, and whether the values are equal is not known.
    const kinds = [...JSON.stringify(document).matchAll(/"kind":"(\w+)"/g)].map(([, kind]) => kind)
    expect(new Set(kinds)).toEqual(new Set(['unknown']))
    expect(kinds).toHaveLength(tensors.length)
  })

  test('scan looks into every file', async () => {
    for (const name of ['llm', 'one']) {
      const { code, document } = await run('scan', name)
      expect(document).toMatchObject({ verdict: 'safe', failed: [] })
      expect(code).toBe(0)
    }
  })

  test('export writes all of it', async () => {
    await origin.ok('export', 'llm', '--to', 'safetensors', '-o', place.path(`whole-${remote}.safetensors`), '-f')
    const out = place.path(`part-${remote}.safetensors`)
    expect(await run('export', 'llm', '--to', 'safetensors', '-o', out)).toMatchObject({ code: 0 })
    expect(readFileSync(out).equals(readFileSync(place.path(`whole-${remote}.safetensors`)))).toBe(true)
  })

  test('doctor says how to bring it, as of any content that is not here', async () => {
    for (const name of ['llm', 'one'])
      expect((await run('doctor', name)).document).toMatchObject({
        findings: [{ code: 'missing', advice: expect.stringContaining(`art pull ${name}`) }],
      })
  })
})
