import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { formatTagMessage } from '@art/registry/tag/message.ts'
import { DATA, type Work } from './harness.ts'
import { eachRepository, freshName, place, work } from './fresh.ts'

eachRepository({ remote: true })

const OLD = readFileSync(join(DATA, 'simple_cnn.pth'))
const NEW = readFileSync(join(DATA, 'simple_cnn_finetuned.pth'))
const PATH = 'models/net.pth'

let oids: string[]

/** Two releases: 1.0.0 tagged as GTO does, with models.yaml to say what it is of, and 1.1.0 as art does; the second is in production. */
beforeEach(async () => {
  oids = []
  work.write('models.yaml', `models:\n  net: ${PATH}\n`)
  for (const [bytes, metric] of [
    [OLD, '0.8'],
    [NEW, '0.9'],
  ] as const) {
    work.write(PATH, bytes)
    const { added } = await work.json<{ added: { oid: string }[] }>('add', PATH, '--metric', `val_acc=${metric}`)
    oids.push(added[0]!.oid)
    await work.commit(metric)
    if (bytes === OLD) await work.git('tag', '-a', 'net@v1.0.0', '-m', 'by GTO')
  }
  const facts = {
    path: PATH,
    oid: oids[1]!,
    kind: 'f' as const,
    size: NEW.length,
    gitCommit: await work.git('rev-parse', 'HEAD'),
  }
  await work.git('commit', '-q', '--allow-empty', '-m', 'files of the release')
  await work.git('tag', '-a', 'net@v1.1.0', '-m', formatTagMessage('Release net 1.1.0', facts))
  await work.git('tag', '-a', 'net#prod#1', '-m', 'x')
  await work.ok('push')
  await work.ok('push', '-T')
})

async function oidOf(name: string): Promise<string | undefined> {
  return (await work.json<{ oid?: string }>('show', name)).oid
}

test.each([
  ['net@v1.0.0', 0],
  ['net@1.0.0', 0],
  ['net@v1.0', 0],
  ['net@v1', 1],
  ['net@latest', 1],
  ['net@greatest', 1],
  ['net#prod', 1],
])('%s is that release', async (name, which) => expect(await oidOf(name)).toBe(oids[which]))

test('models are shown, compared, scanned and exported by their releases', async () => {
  const shown = await work.json<{ release: object; metrics: object }>('show', 'net@v1.0.0')
  expect(shown).toMatchObject({
    release: { model: 'net', version: '1.0.0', tag: 'net@v1.0.0' },
    metrics: { val_acc: 0.8 },
  })
  const { models } = await work.json<{ models: { name: string; oid: string }[] }>(
    'compare',
    'net@v1.0.0',
    'net#prod',
    PATH,
  )
  expect(models.map(({ name, oid }) => [name, oid])).toEqual([
    ['models/net.pth', oids[1]],
    ['net#prod', oids[1]],
    ['net@v1.0.0', oids[0]],
  ])
  const { artifacts } = await work.json<{ artifacts: { model: { same: boolean } }[] }>(
    'diff',
    '--tensors',
    'net@v1.0.0',
    'net@latest',
  )
  expect(artifacts[0]!.model.same).toBe(false)
  expect((await work.json<{ scanned: { path: string }[] }>('scan', 'net@v1.0.0')).scanned).toMatchObject([
    { path: 'net@v1.0.0' },
  ])
  expect((await work.json<{ path: string }>('doctor', 'net@v1.0.0')).path).toBe('net@v1.0.0')
  expect((await work.json<{ path: string }>('export', 'net@v1.0.0', '--to', 'safetensors')).path).toBe(
    'models/net_v1.0.0.safetensors',
  )
})

test('a clone fetches a release into its cache, and pull puts it where it belongs', async () => {
  const other = await cloneOf(work)
  expect(await other.json('fetch', 'net@v1.0.0')).toMatchObject({ artifacts: 1, failed: [] })
  expect(existsSync(other.path(PATH))).toBe(false)
  await other.ok('pull')
  expect(readFileSync(other.path(PATH))).toEqual(NEW)
  const { stdout } = await other.ok('pull', 'net@v1.0.0')
  expect(stdout).toContain('models/net.pth.art')
  expect(readFileSync(other.path(PATH))).toEqual(OLD)
  expect(await other.git('diff', '--name-only', 'net@v1.0.0', '--', `${PATH}.art`)).toBe('')
  expect((await other.json<{ artifacts: { state: string }[] }>('status')).artifacts[0]!.state).toBe('ok')
  await other.git('checkout', '--', `${PATH}.art`)
  await other.ok('checkout', 'net#prod')
  expect(readFileSync(other.path(PATH))).toEqual(NEW)
})

test('nothing that is not committed or not cached is lost', async () => {
  work.write(PATH, 'trained for a week')
  const refused = await work.art('checkout', 'net@v1.0.0')
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('not in the cache and would be lost')
  expect(readFileSync(work.path(PATH), 'utf8')).toBe('trained for a week')
  expect(await work.git('status', '--porcelain')).toBe('')
  await work.ok('add', PATH)
  const again = await work.art('pull', 'net@v1.0.0')
  expect(again.code).toBe(1)
  expect(again.stderr).toContain('not committed')
  expect(readFileSync(work.path(PATH), 'utf8')).toBe('trained for a week')
  await work.ok('checkout', '--force', 'net@v1.0.0')
  expect(readFileSync(work.path(PATH))).toEqual(OLD)
})

test('without the content no pointer is written', async () => {
  const other = await cloneOf(work)
  const { code, stderr } = await other.art('checkout', 'net@v1.0.0')
  expect(code).toBe(1)
  expect(stderr).toContain('not in the cache')
  expect(await other.git('status', '--porcelain')).toBe('')
})

test('two versions cannot lie at one path, and two can be fetched', async () => {
  const { code, stderr } = await work.art('checkout', 'net@v1.0.0', 'net@v1.1.0')
  expect(code).toBe(1)
  expect(stderr).toContain('2 versions of it are named')
  const other = await cloneOf(work)
  expect(await other.json('fetch', 'net@v1.0.0', 'net@v1.1.0')).toMatchObject({ artifacts: 2 })
})

test('only weights of a release lie beside, under its version', async () => {
  const other = await cloneOf(work)
  const { weights } = await other.json<{ weights: { path: string }[] }>('pull', '--only', 'weights', 'net@v1.0.0')
  expect(weights).toMatchObject([{ path: 'models/net_v1.0.0.safetensors', verified: true }])
})

test('a name that leads to nothing is answered with what there is', async () => {
  for (const [name, hint] of [
    ['net@v1.0.1', 'It has 1.1.0, 1.0.0.'],
    ['nte@v1.0.0', 'Did you mean net?'],
    ['net#prd', 'Did you mean prod?'],
    ['net@v7', 'It has 1.1.0, 1.0.0.'],
    ['other@v1.0.0', 'git fetch --tags'],
  ] as const) {
    for (const verb of ['show', 'pull', 'checkout', 'compare']) {
      const { code, stderr } = await work.art(verb, name)
      expect({ code, stderr: stderr.includes(hint) || stderr }).toEqual({ code: 1, stderr: true })
    }
  }
})

test('a file that is called like a release is that file', async () => {
  work.write('net@v1.0.0', NEW)
  expect((await work.json<{ release?: object }>('show', 'net@v1.0.0')).release).toBeUndefined()
  await work.ok('add', 'net@v1.0.0')
  rmSync(work.path('net@v1.0.0'))
  await work.ok('checkout', 'net@v1.0.0')
  expect(readFileSync(work.path('net@v1.0.0'))).toEqual(NEW)
})

test('a tag that contradicts its commit is refused', async () => {
  const gitCommit = await work.git('rev-parse', 'net@v1.0.0^{commit}')
  const facts = { path: PATH, oid: oids[1]!, kind: 'f' as const, size: NEW.length, gitCommit }
  await work.git('tag', '-a', 'net@v9.0.0', '-m', formatTagMessage('x', facts))
  const { code, stderr } = await work.art('pull', 'net@v9.0.0')
  expect(code).toBe(1)
  expect(stderr).toContain('names another content')
})

test('resume brings the checkpoint of a release, from the remote where it must', async () => {
  const other = await cloneOf(work)
  await other.ok('pull')
  const found = await other.json<{ path: string; oid: string; state: string }>('resume', 'net@v1.0.0')
  expect(found).toMatchObject({ path: PATH, oid: oids[0], state: 'fetched', considered: 1, given: ['val_acc'] })
  expect(readFileSync(other.path(PATH))).toEqual(OLD)
})

async function cloneOf(origin: Work): Promise<Work> {
  return await place.clone(origin.folder, freshName('c'))
}
