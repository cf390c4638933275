import type { MlflowPullResult, MlflowPushResult } from '@art/repo/mlflow-api.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Outcome, Work } from '../e2e/harness.ts'
import { findMlflow } from './mlflow/place.mjs'
import { killedAt, type Proxy, startProxy } from './mlflow/proxy.ts'
import { asAnother, openScene, released, type Scene, type Seen, seenModels, sha256 } from './mlflow/scene.ts'

const python = findMlflow()
/** Where a push may be while another one runs: before a request, in their order. */
const STEPS = [
  'runs/create',
  'artifacts/model/cnn.pth',
  'runs/log-batch',
  'runs/update',
  'model-versions/create',
  'registered-models/alias',
]

describe.skipIf(python === undefined)('two at once', () => {
  let scene: Scene
  let other: Proxy

  const push = (work: Work, via: Proxy | undefined, ...args: string[]): Promise<Outcome> => {
    const env = via === undefined ? {} : { MLFLOW_TRACKING_URI: via.url }
    return work.artWith({ env }, '--json', 'mlflow', 'push', ...args)
  }
  const seen = async (...names: string[]): Promise<Record<string, Seen>> =>
    await seenModels(python!, scene.server, names)
  /** What a release has left in MLflow, whoever pushed it and however often. */
  const expectOne = ({ aliases, versions, runs }: Seen, work: Work): void => {
    expect(versions.map(({ tags }) => tags['art.version'])).toEqual(['1.1.0'])
    expect(runs).toBe(1)
    expect(aliases).toEqual({ production: versions[0]!.version })
    expect(versions[0]!.run.status).toBe('FINISHED')
    expect(versions[0]!.files['cnn.pth']).toBe(sha256(work.path('models/cnn.pth')))
  }

  beforeAll(async () => {
    scene = await openScene(python!)
    other = await startProxy(scene.server.url)
  })
  afterAll(async () => {
    await other?.close()
    await scene?.close()
  })

  it('push the same releases: each looks, finds nothing and makes a run, and one run and one version are left', async () => {
    const first = await released(scene.place, 'both')
    await first.ok('remote', 'add', '-d', 'store', scene.place.path('both-store'))
    await first.ok('push', '--all-commits')
    await first.commit('remote')
    const second = await scene.place.clone(first.folder, 'both-clone')
    for (const step of ['runs/create', 'model-versions/create']) {
      // Neither goes on with this step before both are there.
      let waiting: (() => void)[] = []
      const meet = async (_: number, when: 'before' | 'after', what: string): Promise<boolean> => {
        if (when === 'after' || !what.endsWith(step) || waiting.length === 2) return false
        await new Promise<void>((resolve) => {
          waiting.push(resolve)
          if (waiting.length === 2) for (const go of waiting) go()
        })
        return false
      }
      scene.proxy.plan = meet
      other.plan = meet
      const experiment = ['--experiment', `both ${step}`, '--artifact', 'file']
      const outcomes = await Promise.all([
        push(first, scene.proxy, 'both@v1.1.0', ...experiment),
        push(second, other, 'both@v1.1.0', ...experiment),
      ])
      waiting = []
      expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual([
        [0, ''],
        [0, ''],
      ])
      const runs = outcomes.map(({ stdout }) => (JSON.parse(stdout) as MlflowPushResult).releases[0]!.run)
      expect(new Set(runs).size).toBe(1)
      expectOne((await seen('both'))['both']!, first)
      await scene.client("c.delete_registered_model('both')")
    }
  })

  it.each(['whole', 'killed'] as const)(
    'push, one stopped before any of its steps while the other runs (%s): a later push finds exactly one',
    async (how) => {
      const work = await released(scene.place, `steps-${how}`)
      const names: string[] = []
      for (const [at, step] of STEPS.entries()) {
        const name = `steps-${how}-${at}`
        await asAnother(work, name)
        const args = [name, '--artifact', 'file', '--experiment', name]
        let isHeld = false
        scene.proxy.plan = async (_, when, what) => {
          if (when === 'after' || isHeld || !what.endsWith(step)) return false
          isHeld = true
          // The second one: it is another process, and goes by another way.
          const killAt = how === 'whole' ? Infinity : 'model-versions/create'
          const code = await killedAt(other, work, { at: killAt }, 'mlflow', 'push', ...args)
          expect(code).toBe(how === 'whole' || step === STEPS.at(-1) ? 0 : 'SIGKILL')
          return false
        }
        const { code, stdout, stderr } = await push(work, scene.proxy, ...args)
        expect([step, code, code === 0 ? stderr : stdout]).toEqual([step, 0, ''])
        expect(isHeld).toBe(true)
        const { releases } = await work.json<MlflowPushResult>('mlflow', 'push', ...args)
        expect([step, releases[0]!.state]).toEqual([step, 'unchanged'])
        names.push(name)
      }
      for (const one of Object.values(await seen(...names))) expectOne(one, work)
    },
  )

  it('pull the same models into one repository: both find them there', async () => {
    const owner = await released(scene.place, 'taken')
    await owner.ok('mlflow', 'push', 'taken@v1.0.0')
    await owner.ok('mlflow', 'push', 'taken@v1.1.0', '--artifact', 'file')
    const taker = await scene.place.repository('taker')
    const pulls = await Promise.all([1, 2].map(() => taker.art('mlflow', 'pull', 'taken')))
    expect(pulls.map(({ code, stdout, stderr }) => (code === 0 ? 0 : stdout + stderr))).toEqual([0, 0])
    const { models } = await taker.json<MlflowPullResult>('mlflow', 'pull', 'taken')
    expect(models.map(({ state, path }) => [state, path])).toEqual([
      ['unchanged', 'models/taken_v1.0.0.pth'],
      ['unchanged', 'models/taken_v1.1.0.pth'],
    ])
  })

  it('release the same models in one repository: the one that comes second goes on with what the other made', async () => {
    const owner = await released(scene.place, 'raced')
    await owner.ok('mlflow', 'push', 'raced', '--artifact', 'file')
    const taker = await scene.place.repository('racer')
    await taker.ok('remote', 'add', '-d', 'store', scene.place.path('racer-store'))
    await taker.commit('init')
    const pull = ['mlflow', 'pull', 'raced', '--release']
    let whole: MlflowPullResult | undefined
    other.plan = async (_, when, what) => {
      if (whole !== undefined || when === 'after' || !what.includes('artifacts')) return false
      whole = await taker.json<MlflowPullResult>(...pull)
      return false
    }
    const { code, stdout, stderr } = await taker.artWith({ env: { MLFLOW_TRACKING_URI: other.url } }, ...pull, '--json')
    other.plan = undefined
    expect([code, stderr]).toEqual([0, ''])
    const told = ({ models }: MlflowPullResult) => models.map(({ release }) => [release!.tag, release!.made])
    expect(told(whole!)).toEqual(['1.0.0', '1.1.0'].map((version) => [`raced@v${version}`, true]))
    const second = JSON.parse(stdout) as MlflowPullResult
    expect(told(second)).toEqual(['1.0.0', '1.1.0'].map((version) => [`raced@v${version}`, false]))
    expect([second.commit, second.failed, second.stages]).toEqual([null, [], []])
    expect(await taker.git('status', '--porcelain')).toBe('')
  })
})

if (python === undefined) {
  it.skip('two at once: not installed (node test/interop/install.mjs needs Python and PyPI)', () => undefined)
}
