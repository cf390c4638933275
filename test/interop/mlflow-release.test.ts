import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { MlflowPullResult } from '@art/repo/mlflow-api.ts'
import type { ModelsCheckResult } from '@art/repo/registry-api.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DATA, type Place, type Work } from '../e2e/harness.ts'
import { findMlflow } from './mlflow/place.mjs'
import { killedAt, type Proxy } from './mlflow/proxy.ts'
import { openScene, released, type Scene, sha256 } from './mlflow/scene.ts'
import type { TrackingServer } from './mlflow/server.mjs'

const python = findMlflow()
const run = promisify(execFile)
/** What `log_model` of MLflow pickles of Python code imports: it runs code, so whoever trusts it says so. */
const TRUSTED =
  '_make_skeleton_class _class_setstate _make_function _builtin_type _make_empty_cell _function_setstate _make_cell'
    .split(' ')
    .map((name) => `cloudpickle.cloudpickle.${name}`)
    .join(',')

describe.skipIf(python === undefined)('models of a real MLflow server become releases', () => {
  let scene: Scene
  let place: Place
  let server: TrackingServer
  let proxy: Proxy
  let runs: { logged: string; files: string; several: string; none: string }

  /** A repository with a remote of art. */
  const taker = async (name: string): Promise<Work> => {
    const work = await place.repository(name)
    await work.ok('remote', 'add', '-d', 'store', place.path(`${name}-store`))
    await work.ok('config', '--local', 'check.allow_imports', TRUSTED)
    await work.commit('init')
    return work
  }
  const pull = (work: Work, ...args: string[]): Promise<MlflowPullResult> =>
    work.json<MlflowPullResult>('mlflow', 'pull', ...args)

  beforeAll(async () => {
    scene = await openScene(python!)
    ;({ place, server, proxy } = scene)
    mkdirSync(place.path('made'))
    const made = { cwd: place.path('made'), env: { ...process.env, MLFLOW_TRACKING_URI: server.url } }
    for (const script of ['make_models.py', 'make_runs.py']) {
      const { stdout } = await run(python!, [fileURLToPath(new URL(`mlflow/${script}`, import.meta.url)), DATA], made)
      if (script === 'make_runs.py') runs = JSON.parse(stdout.trim().split('\n').at(-1)!) as typeof runs
    }
  })
  afterAll(async () => {
    await scene?.close()
  })

  it('every version has its tag, its path, its figures and its content on the remote; aliases are stages', async () => {
    const work = await taker('whole')
    const would = await pull(work, 'churn model', '--release', '-n')
    expect(would.models.map(({ release }) => release)).toEqual(
      [1, 2, 3].map((n) => ({ tag: `churn-model@v0.0.${n}`, made: true })),
    )
    expect(await work.git('tag')).toBe('')

    const { models, stages, commit, failed, next, sent } = await pull(work, 'churn model', '--release')
    expect(failed).toEqual([])
    expect(models.map(({ state, release }) => [state, release!.tag, release!.made])).toEqual(
      [1, 2, 3].map((n) => ['adopted', `churn-model@v0.0.${n}`, true]),
    )
    expect(stages).toEqual([
      { model: 'churn-model', stage: 'champion', version: '0.0.3', tag: 'churn-model#champion#1' },
    ])
    expect(sent?.bytes).toBeGreaterThan(1000)
    expect(await work.git('show', '--format=%H %s', '--name-only', commit!)).toBe(
      `${commit} Models from MLflow\n\nmodels.yaml\nmodels/.gitignore\nmodels/churn-model_v0.0.1.art\nmodels/churn-model_v0.0.2.art\nmodels/churn-model_v0.0.3.bin.art`,
    )
    expect(await work.git('log', '--format=%s', '--reverse')).toBe(
      'init\nModels from MLflow\nRelease churn-model 0.0.1\nRelease churn-model 0.0.2\nRelease churn-model 0.0.3\nStage churn-model 0.0.3 as champion'.replace(
        /(Release .*)/g,
        '$1',
      ),
    )
    expect(await work.git('for-each-ref', '--format=%(contents:body)', 'refs/tags/churn-model@v0.0.2')).toMatch(
      /From MLflow: churn model, version 2\n\nart: 1\npath: models\/churn-model_v0\.0\.2\nkind: directory\noid: sha256:/,
    )
    expect(await work.git('status', '--porcelain')).toBe('')
    expect(next).toEqual([])
    const metadata = readFileSync(work.path('models/churn-model_v0.0.1_metadata.yaml'), 'utf8')
    expect(metadata).toMatch(/auc: 0\.83/)
    expect(metadata).toMatch(/learning_rate: 0\.01/)
    expect(readFileSync(work.path('MODELS.md'), 'utf8')).toMatch(/0\.0\.3[^]*0\.0\.1/)
    const registry = JSON.parse(readFileSync(work.path('models/registry.json'), 'utf8')) as {
      models: { id: string; path: string; status: string }[]
    }
    expect(registry.models.map(({ path, status }) => [path, status])).toEqual([
      ['models/churn-model_v0.0.1', 'released'],
      ['models/churn-model_v0.0.2', 'released'],
      ['models/churn-model_v0.0.3.bin', 'champion'],
    ])
    expect((await work.json<ModelsCheckResult>('models', '--check', '--strict')).ok).toBe(true)
    const clone = await place.clone(work.folder, 'whole-clone')
    await clone.ok('get', '.', 'churn-model@v0.0.1', '-o', 'first')
    expect(readFileSync(clone.path('first/MLmodel'), 'utf8')).toContain('python_function')
    await clone.ok('get', '.', 'churn-model#champion', '-o', 'third.bin')
    expect(sha256(clone.path('third.bin'))).toBe(sha256(work.path('models/churn-model_v0.0.3.bin')))
  })

  it('once: a second pull changes nothing, and an alias moves its stage until a person does', async () => {
    const work = await taker('again')
    await pull(work, 'churn model', '--release')
    const before = await work.git('for-each-ref')
    const second = await pull(work, 'churn model', '--release')
    expect(second.models.map(({ state, release }) => [state, release!.made])).toEqual(
      [1, 2, 3].map(() => ['unchanged', false]),
    )
    expect([second.commit, second.sent, second.stages]).toEqual([null, null, []])
    expect(await work.git('for-each-ref')).toBe(before)
    try {
      await scene.client("c.set_registered_model_alias('churn model', 'champion', '2')")
      expect((await pull(work, 'churn model', '--release')).stages).toMatchObject([{ version: '0.0.2' }])
      await work.ok('stage', 'churn-model@v0.0.1', 'champion', '--reason', 'the others drift')
      const { stages } = await pull(work, 'churn model', '--release')
      expect(stages).toEqual([])
      const { stderr } = await work.ok('mlflow', 'pull', 'churn model', '--release')
      expect(stderr).toMatch(/champion is of 0\.0\.1 here, and of 0\.0\.2 in MLflow/)
    } finally {
      await scene.client("c.set_registered_model_alias('churn model', 'champion', '3')")
    }
  })

  it('of what a pull without --release has left, too, beside nothing but its own changes', async () => {
    const work = await taker('later')
    await pull(work, 'churn model')
    await work.git('add', '-A')
    work.write('models.yaml', `${readFileSync(work.path('models.yaml'), 'utf8')}  mine: models/mine.pth\n`)
    const refused = await work.art('mlflow', 'pull', 'churn model', '--release')
    expect(refused.stderr).toMatch(/models\.yaml/)
    expect(await work.git('log', '--format=%s')).toBe('init')
    work.write('models.yaml', readFileSync(work.path('models.yaml'), 'utf8').replace(/ {2}mine.*\n/, ''))
    const { models, failed } = await pull(work, 'churn model', '--release')
    expect(failed).toEqual([])
    expect(models.map(({ state, release }) => [state, release?.made])).toEqual([1, 2, 3].map(() => ['unchanged', true]))
    expect(await work.git('status', '--porcelain')).toBe('')
  })

  it('not where art has no remote, where a stage requires more, or where it is dirty: each is told, and nothing is lost', async () => {
    const work = await place.repository('refused')
    await work.commit('init')
    const alone = await work.art('mlflow', 'pull', 'churn model', '--release')
    expect(alone.code).toBe(1)
    expect(alone.stderr).toMatch(/remote/)
    expect(await work.git('log', '--format=%s')).toBe('init')
    await work.ok('remote', 'add', '-d', 'store', place.path('refused-store'))
    await work.ok('config', 'stages.champion.requires', 'auc >= 0.99')
    const dirty = await work.art('mlflow', 'pull', 'churn model', '--release')
    expect(dirty.stderr).toMatch(/\.art\/config\.yaml/)
    await work.git('commit', '-q', '-am', 'remote')
    const told = async (): Promise<MlflowPullResult> => {
      const { code, stdout } = await work.art('--json', 'mlflow', 'pull', 'churn model', '--release')
      expect(code).toBe(1)
      return JSON.parse(stdout) as MlflowPullResult
    }
    const stage = { path: 'churn-model@v0.0.3#champion', code: 'RELEASE_REFUSED' }
    const first = await told()
    expect(first.models.map(({ release }) => release?.made)).toEqual([undefined, true, true])
    expect(first.stages).toEqual([])
    const unsafe = expect.stringMatching(/loading it can run anything: it imports cloudpickle/) as string
    expect(first.failed).toMatchObject([{ path: 'churn-model@v0.0.1', message: unsafe }, stage])
    await work.ok('config', '--local', 'check.allow_imports', TRUSTED)
    const second = await told()
    expect(second.models.map(({ release }) => release?.made)).toEqual([true, false, false])
    expect(second.failed).toMatchObject([stage])
    expect((await work.json<ModelsCheckResult>('models', '--check', '--strict')).ok).toBe(true)
  })

  it('goes on where it was killed, to the same releases', async () => {
    const work = await taker('killed')
    const ask = ['mlflow', 'pull', 'churn model', '--release']
    let kills = 0
    for (let at = 4; ; at += 4) {
      const code = await killedAt(proxy, work, { at }, ...ask)
      if (code === 0) break
      expect(code).toBe('SIGKILL')
      kills++
    }
    expect(kills).toBeGreaterThan(2)
    // Half of them released: as after a kill between two releases.
    await work.git('tag', '-d', 'churn-model@v0.0.3', 'churn-model#champion#1')
    await work.git('reset', '-q', '--hard', 'churn-model@v0.0.2')
    const { models, stages } = await pull(work, 'churn model', '--release')
    expect(models.map(({ release }) => release!.made)).toEqual([false, false, true])
    expect(stages).toHaveLength(1)
    expect((await work.json<ModelsCheckResult>('models', '--check', '--strict')).ok).toBe(true)
  })

  it("keeps the versions that another repository's art has pushed, by reference too", async () => {
    const owner = await released(place, 'lender')
    await owner.ok('remote', 'add', '-d', 'store', place.path('lender-store'))
    await owner.ok('push', '--all-commits')
    await owner.ok('mlflow', 'push')
    const stranger = await taker('stranger')
    const { code, stdout } = await stranger.art('--json', 'mlflow', 'pull', 'lender', '--release')
    expect(code).toBe(1)
    expect((JSON.parse(stdout) as MlflowPullResult).models.map(({ release }) => release)).toEqual([
      undefined,
      undefined,
    ])
    const borrower = await place.repository('lent-to')
    await borrower.ok('remote', 'add', '-d', 'store', place.path('lender-store'))
    await borrower.commit('init')
    const { models, stages } = await pull(borrower, 'lender', '--release')
    expect(models.map(({ release }) => release)).toEqual([
      { tag: 'lender@v1.0.0', made: true },
      { tag: 'lender@v1.1.0', made: true },
    ])
    expect(stages).toMatchObject([{ stage: 'production', version: '1.1.0' }])
  })

  describe('a run without a registered version', () => {
    it('is released by its id: what log_model wrote, with its figures', async () => {
      const work = await taker('run')
      const { models, failed } = await pull(work, '--run', runs.logged, '--release')
      expect(failed).toEqual([])
      expect(models).toMatchObject([
        {
          run: { id: runs.logged, experiment: 'loose runs' },
          model: 'loose-runs',
          version: '0.0.1',
          path: 'models/loose-runs_v0.0.1',
          release: { tag: 'loose-runs@v0.0.1', made: true },
        },
      ])
      expect(readFileSync(work.path('models/loose-runs_v0.0.1/MLmodel'), 'utf8')).toContain('python_function')
      const pointer = readFileSync(work.path('models/loose-runs_v0.0.1.art'), 'utf8')
      for (const line of ['acc: 0.7', 'mlflow_experiment: loose runs', `mlflow_run: `, 'mlflow_version: 1', 'lr: 0.1'])
        expect(pointer).toContain(line)
      expect((await pull(work, '--run', runs.logged, '--release')).models).toMatchObject([
        { state: 'unchanged', version: '0.0.1', release: { made: false } },
      ])
    })

    it('is one of an experiment, whose finished runs are taken oldest first', async () => {
      const work = await taker('experiment')
      const { code, stdout } = await work.art(
        '--json',
        'mlflow',
        'pull',
        '--experiment',
        'loose runs',
        '--name',
        'cnn',
        '--release',
      )
      expect(code).toBe(1)
      const { models, failed } = JSON.parse(stdout) as MlflowPullResult
      expect(models.map(({ run: of, path, release }) => [of!.id, path, release?.tag])).toEqual([
        [runs.logged, 'models/cnn_v0.0.1', 'cnn@v0.0.1'],
        [runs.files, 'models/cnn_v0.0.2.pth', 'cnn@v0.0.2'],
      ])
      expect(failed).toMatchObject([
        { path: runs.several, code: 'USAGE', hint: expect.stringContaining('--artifact') as string },
      ])
      expect(
        (await pull(work, '--run', runs.several, '--artifact', 'b/two.pth', '--name', 'cnn', '--release')).models,
      ).toMatchObject([{ path: 'models/cnn_v0.0.3.pth', release: { tag: 'cnn@v0.0.3' } }])
      expect(sha256(work.path('models/cnn_v0.0.3.pth'))).toBe(sha256(`${DATA}/simple_cnn_finetuned.pth`))
      const show = await work.json<{ models: { parameters?: number }[] }>('show', 'cnn@v0.0.2')
      expect(JSON.stringify(show)).toContain('parameters')
    })

    it('has no model, or is none: it is named', async () => {
      const work = await taker('none')
      for (const [id, why] of [
        [runs.none, /has logged no model/],
        ['0'.repeat(32), /no run of this id/],
      ] as const) {
        const { code, stderr } = await work.art('mlflow', 'pull', '--run', id)
        expect(code).toBe(1)
        expect(stderr).toMatch(why)
      }
      expect((await work.art('mlflow', 'pull', '--experiment', 'absent')).stderr).toMatch(/no experiment of this name/)
      expect((await work.art('mlflow', 'pull', 'churn model', '--run', runs.logged)).code).toBe(2)
      expect((await work.art('mlflow', 'pull', '--artifact', 'x')).code).toBe(2)
    })
  })
})

if (python === undefined) {
  it.skip('MLflow to releases: not installed (node test/interop/install.mjs needs Python and PyPI)', () => undefined)
}
