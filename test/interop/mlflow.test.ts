import { createHash, randomBytes } from 'node:crypto'
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { MlflowPullResult, MlflowPushResult } from '@art/repo/mlflow-api.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DATA, type Place, type Work } from '../e2e/harness.ts'
import { findMlflow } from './mlflow/place.mjs'
import { killedAt, type Proxy } from './mlflow/proxy.ts'
import { asAnother, openScene, released, type Scene, type Seen, seenModels, sha256 } from './mlflow/scene.ts'
import type { TrackingServer } from './mlflow/server.mjs'

const python = findMlflow()
const run = promisify(execFile)
const script = (name: string): string => fileURLToPath(new URL(`mlflow/${name}`, import.meta.url))

describe.skipIf(python === undefined)('a real MLflow server', () => {
  let scene: Scene
  let place: Place
  let server: TrackingServer
  let proxy: Proxy

  const seen = async (name: string): Promise<Seen> => (await seenModels(python!, server, [name]))[name]!

  beforeAll(async () => {
    scene = await openScene(python!)
    ;({ place, server, proxy } = scene)
  })
  afterAll(async () => {
    await scene?.close()
  })

  it('has of a pushed release what its own client reads: params, metrics, tags, files, alias', async () => {
    const work = await released(place, 'shown')
    const pushed = await work.json<MlflowPushResult>('mlflow', 'push')
    expect(pushed.releases.map(({ state, version }) => [state, version])).toEqual([
      ['pushed', '1.0.0'],
      ['pushed', '1.1.0'],
    ])
    const { aliases, versions, runs } = await seen('shown')
    expect(aliases).toEqual({ production: '2' })
    expect(runs).toBe(2)
    const [first] = versions
    expect(first).toMatchObject({
      version: '1',
      status: 'READY',
      description: 'the first',
      run: {
        name: 'shown 1.0.0',
        status: 'FINISHED',
        experiment: 'shown title',
        params: { lr: '0.001', optimizer: 'Adam', epoch: '3', task: 'image-classification' },
        metrics: { val_acc: [[0.786, 3]], f1: [[0.71, 3]] },
      },
    })
    const oid = createHash('sha256')
      .update(readFileSync(join(DATA, 'simple_cnn.pth')))
      .digest('hex')
    const commit = await work.git('rev-parse', 'shown@v1.0.0^{commit}')
    for (const tags of [first!.tags, first!.run.tags]) {
      expect(tags).toMatchObject({
        'art.oid': `sha256:${oid}`,
        'art.tag': 'shown@v1.0.0',
        'art.commit': commit,
        'art.version': '1.0.0',
      })
    }
    expect(first!.run.metrics['odd']).toEqual([['nan', 3]])
    expect(Object.keys(first!.files).sort()).toEqual(['cnn.pth.art', 'shown_v1.0.0_metadata.yaml'])
    expect(first!.files['cnn.pth.art']).toBe(
      createHash('sha256')
        .update(`${await work.git('show', 'shown@v1.0.0:models/cnn.pth.art')}\n`)
        .digest('hex'),
    )
  })

  it('is left as it is by a second push, and takes what changed by a third: bytes, stages', async () => {
    const work = await released(place, 'again')
    await work.ok('mlflow', 'push')
    const before = await seen('again')
    const second = await work.json<MlflowPushResult>('mlflow', 'push')
    expect(second.releases.map(({ state }) => state)).toEqual(['unchanged', 'unchanged'])
    expect(await seen('again')).toEqual(before)

    await work.git('tag', '-a', 'again#production#2', 'again@v1.0.0^{}', '-m', 'back')
    await work.git('tag', '-a', 'again#staging#3', 'again@v1.1.0^{}', '-m', 'x')
    await work.ok('mlflow', 'push', '-n')
    expect(await seen('again')).toEqual(before)
    await work.ok('mlflow', 'push', 'again@v1.1.0', '--artifact', 'file')
    const after = await seen('again')
    expect(after.aliases).toEqual({ production: '1', staging: '2' })
    expect(after.versions).toHaveLength(2)
    expect(after.runs).toBe(2)
    expect(after.versions[1]!.files['cnn.pth']).toBe(sha256(work.path('models/cnn.pth')))
    expect(after.versions[0]!.files).not.toHaveProperty('cnn.pth')

    await scene.client("c.set_registered_model_alias('again', 'mine', '1')")
    await work.git('tag', '-d', 'again#staging#3')
    const { unaliased } = await work.json<MlflowPushResult>('mlflow', 'push')
    expect(unaliased).toEqual(['again@staging'])
    expect((await seen('again')).aliases).toEqual({ production: '1', mine: '1' })
  })

  it('gets bytes that are on the remote of art alone, and of directories every file', async () => {
    const work = await place.repository('folders')
    work.write('models/net/model.bin', randomBytes(2_500_000))
    work.write('models/net/a b/größe 100%.json', '{}')
    await work.ok('add', 'models/net')
    await work.ok('remote', 'add', '-d', 'store', place.path('folders-store'))
    work.write('models.yaml', 'models:\n  folders: models/net\n')
    await work.commit('one')
    await work.git('tag', '-a', 'folders@v0.1.0', '-m', 'x')
    await work.ok('push')
    const clone = await place.clone(work.folder, 'folders-clone')
    await clone.ok('mlflow', 'push', '--artifact', 'file')
    const { files } = (await seen('folders')).versions[0]!
    expect(files['net/model.bin']).toBe(sha256(work.path('models/net/model.bin')))
    expect(files['net/a b/größe 100%.json']).toBe(sha256(work.path('models/net/a b/größe 100%.json')))

    work.write('models/net/no#1.json', '{}')
    await work.ok('add', 'models/net')
    await work.commit('two')
    await work.git('tag', '-a', 'folders@v0.2.0', '-m', 'x')
    const { stderr } = await work.art('mlflow', 'push', 'folders@v0.2.0', '--artifact', 'file')
    expect(stderr).toMatch(/MLflow refuses to take net\/no#1\.json.*folders@v0\.2\.0/)

    const other = await place.repository('folders-other')
    await other.ok('mlflow', 'pull', 'folders')
    const oid = (pointer: string): string => /oid: (.*)/.exec(pointer)![1]!
    expect(oid(readFileSync(other.path('models/folders_v0.1.0.art'), 'utf8'))).toBe(
      oid(await work.git('show', 'folders@v0.1.0:models/net.art')),
    )
  })

  it('has an experiment in its bin: the error names the command that restores it', async () => {
    const work = await released(place, 'binned')
    await scene.client("c.delete_experiment(c.create_experiment('gone'))")
    const { code, stderr } = await work.art('mlflow', 'push', '--experiment', 'gone')
    expect(code).toBe(1)
    expect(stderr).toMatch(/mlflow experiments restore --experiment-id \d+/)
  })

  it.each(['before', 'after'] as const)(
    'ends with one run and one version, wherever push is killed: %s a request',
    async (when) => {
      const work = await released(place, `killed-${when}`)
      const killed: string[] = []
      for (let at = 1; ; at++) {
        const name = `killed-${when}-${at}`
        await asAnother(work, name)
        const push = ['mlflow', 'push', name, '--artifact', 'file', '--experiment', name]
        const code = await killedAt(proxy, work, { at, when }, ...push)
        if (code === 0) break
        expect(code).toBe('SIGKILL')
        killed.push(name)
        await work.ok(...push)
      }
      expect(killed.length).toBeGreaterThan(8)
      for (const { aliases, versions, runs } of Object.values(await seenModels(python!, server, killed))) {
        expect([aliases, versions.length, runs]).toEqual([{ production: '1' }, 1, 1])
        expect(versions[0]!.run.status).toBe('FINISHED')
        expect(versions[0]!.files['cnn.pth']).toBe(sha256(work.path('models/cnn.pth')))
      }
    },
  )

  describe('whose models are taken over', () => {
    let work: Work
    beforeAll(async () => {
      mkdirSync(place.path('made'))
      await run(python!, [script('make_models.py')], {
        cwd: place.path('made'),
        env: { ...process.env, MLFLOW_TRACKING_URI: server.url },
      })
      work = await place.repository('taker')
      work.write('models.yaml', '# ours\nmodels:\n  other: models/other.pth # stays\n')
      await work.commit('init')
    })

    it('become artifacts with their figures, and entries of models.yaml', async () => {
      const { models, failed, next } = await work.json<MlflowPullResult>('mlflow', 'pull', 'churn model')
      expect(failed).toEqual([])
      expect(models.map(({ state, path, version, aliases }) => [state, path, version, aliases])).toEqual([
        ['adopted', 'models/churn-model_v0.0.1', '0.0.1', []],
        ['adopted', 'models/churn-model_v0.0.2', '0.0.2', []],
        ['adopted', 'models/churn-model_v0.0.3.bin', '0.0.3', ['champion']],
      ])
      const pointer = readFileSync(work.path('models/churn-model_v0.0.1.art'), 'utf8')
      for (const line of [
        'auc: 0.83',
        'loss: nan',
        'mlflow_model: churn model',
        'mlflow_version: 1',
        'epoch: 5',
        'lr: 0.01',
      ])
        expect(pointer).toContain(line)
      expect(pointer).not.toContain('hf_')
      expect(readFileSync(work.path('models/churn-model_v0.0.1/MLmodel'), 'utf8')).toContain('python_function')
      expect(readFileSync(work.path('models/churn-model_v0.0.2.art'), 'utf8')).toContain('desc: "a folder: of two"')
      expect(
        readFileSync(work.path('models/churn-model_v0.0.2/more/weights.bin')).equals(
          readFileSync(work.path('models/churn-model_v0.0.3.bin')),
        ),
      ).toBe(true)
      expect(readFileSync(work.path('models.yaml'), 'utf8')).toBe(
        '# ours\nmodels:\n  other: models/other.pth # stays\n  churn-model:\n    path: models/churn-model_v0.0.3.bin\n',
      )
      expect(next).toEqual(["art mlflow pull 'churn model' --release"])
      expect(await work.json('status')).toMatchObject({ clean: true })
    })

    it('once: a second pull changes nothing, also where an artifact was moved', async () => {
      await work.commit('adopted')
      await work.ok('mv', 'models/churn-model_v0.0.3.bin', 'models/best.bin')
      await work.commit('moved')
      const { models } = await work.json<MlflowPullResult>('mlflow', 'pull', 'churn model')
      expect(models.map(({ state, path }) => [state, path])).toEqual([
        ['unchanged', 'models/churn-model_v0.0.1'],
        ['unchanged', 'models/churn-model_v0.0.2'],
        ['unchanged', 'models/best.bin'],
      ])
      expect(await work.git('status', '--porcelain')).toBe('')
    })

    it('go on where a pull was killed, and nothing is half there', async () => {
      const taker = await place.repository('killed-taker')
      let kills = 0
      for (let at = 1; ; at++) {
        const code = await killedAt(proxy, taker, { at }, 'mlflow', 'pull', 'churn model')
        if (code === 0) break
        expect(code).toBe('SIGKILL')
        kills++
      }
      expect(kills).toBeGreaterThan(8)
      await taker.commit('adopted')
      const { artifacts } = await taker.json<{ artifacts: { path: string; state: string }[] }>('status')
      expect(artifacts.map(({ path, state }) => [path, state])).toEqual([
        ['models/churn-model_v0.0.1', 'ok'],
        ['models/churn-model_v0.0.2', 'ok'],
        ['models/churn-model_v0.0.3.bin', 'ok'],
      ])
    })

    it('never replace what lies there', async () => {
      const taker = await place.repository('occupied')
      taker.write('models/churn-model_v0.0.3.bin', 'mine')
      const { code, stderr } = await taker.art('mlflow', 'pull', 'churn model')
      expect(code).toBe(1)
      expect(stderr).toContain('churn model/3')
      expect(readFileSync(taker.path('models/churn-model_v0.0.3.bin'), 'utf8')).toBe('mine')
    })

    it('that another repository pushed by reference come as pointers, and art pull brings the bytes', async () => {
      const owner = await released(place, 'lent')
      await owner.ok('remote', 'add', '-d', 'store', place.path('lent-store'))
      await owner.ok('push', '--all-commits')
      await owner.ok('mlflow', 'push')
      const taker = await place.repository('borrower')
      await taker.ok('remote', 'add', '-d', 'store', place.path('lent-store'))
      const { models } = await taker.json<MlflowPullResult>('mlflow', 'pull', 'lent')
      expect(models.map(({ state, version, path }) => [state, version, path])).toEqual([
        ['reference', '1.0.0', 'models/lent_v1.0.0.pth'],
        ['reference', '1.1.0', 'models/lent_v1.1.0.pth'],
      ])
      await taker.ok('pull')
      expect(sha256(taker.path('models/lent_v1.1.0.pth'))).toBe(sha256(owner.path('models/cnn.pth')))
      const own = await owner.json<MlflowPullResult>('mlflow', 'pull', 'lent')
      expect(own.models.map(({ state }) => state)).toEqual(['ours', 'ours'])
    })
  })
})

if (python === undefined) {
  it.skip('a real MLflow server: not installed (node test/interop/install.mjs needs Python and PyPI)', () => undefined)
}
