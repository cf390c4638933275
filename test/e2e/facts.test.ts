import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DATA } from './harness.ts'
import { eachRepository, work } from './fresh.ts'

eachRepository()

const MODEL = readFileSync(join(DATA, 'simple_cnn.pth'))

interface Added {
  added: { state: string; oid: string; given?: object }[]
  warnings?: { message: string }[]
}

test('what a file does not tell stands in its pointer, and is shown as such', async () => {
  work.write('m/net.pth', MODEL)
  work.write('scores.json', '{"precision": 0.81, "test": {"f1": 0.8}, "curve": [1, 2]}')
  await work.ok('add', 'm/net.pth')
  const before = statSync(work.path('m/net.pth')).mtimeMs
  const metrics = ['--metric', 'val_acc=0.93', '--metrics', 'scores.json']
  const rest = [
    '--meta',
    'dataset=CIFAR-10',
    '--desc',
    'trained on one GPU',
    '--label',
    'baseline',
    '--label',
    'vision',
  ]
  const said = await work.json<Added>('add', 'm/net.pth', ...metrics, ...rest)
  expect(said.added[0]).toMatchObject({
    state: 'updated',
    given: {
      metrics: { precision: 0.81, 'test.f1': 0.8, val_acc: 0.93 },
      meta: { dataset: 'CIFAR-10' },
      desc: 'trained on one GPU',
      labels: ['baseline', 'vision'],
    },
  })
  expect(said.warnings?.map(({ message }) => message)).toEqual(['passed over, since they are no numbers: curve'])
  expect(statSync(work.path('m/net.pth')).mtimeMs).toBe(before)
  expect((await work.json<Added>('add', 'm/net.pth')).added[0]).toMatchObject({ state: 'unchanged' })

  const { stdout } = await work.ok('show', 'm/net.pth')
  expect(stdout).toMatch(/val_acc 0\.93 \(given\)/)
  expect(stdout).toContain('trained on one GPU')
  const compared = await work.json<{ models: { metrics: object; given: string[] }[] }>('compare', '--by', 'val_acc')
  expect(compared.models[0]).toMatchObject({ metrics: { val_acc: 0.93 }, given: ['precision', 'test.f1', 'val_acc'] })
  const table = await work.ok('compare', '-v')
  expect(table.stdout).toMatch(/0\.93\*/)
  expect(table.stdout).toContain('* given, not read from the file')
})

test('facts that changed are a difference, with the same content', async () => {
  work.write('net.pth', MODEL)
  await work.ok('add', 'net.pth', '--metric', 'f1=0.5')
  await work.commit('one')
  await work.ok('add', 'net.pth', '--metric', 'f1=0.6', '--label', 'best', '--meta', 'by=ada')
  const { artifacts } = await work.json<{ artifacts: { state: string; facts: { name: string }[] }[] }>('diff')
  expect(artifacts).toMatchObject([{ state: 'modified', sameWeights: true }])
  expect(artifacts[0]!.facts.map(({ name }) => name)).toEqual(['f1', 'labels', 'meta.by'])
  const { artifacts: deep } = await work.json<{ artifacts: { model: { same: boolean; facts: object[] } }[] }>(
    'diff',
    '--tensors',
  )
  expect(deep[0]!.model).toMatchObject({ same: true })
  expect(deep[0]!.model.facts).toContainEqual({ name: 'f1', before: 0.5, after: 0.6 })
})

test('other bytes drop the metrics, with a line; the rest stays', async () => {
  work.write('net.pth', MODEL)
  await work.ok('add', 'net.pth', '--metric', 'f1=0.5', '--desc', 'mine')
  work.write('net.pth', readFileSync(join(DATA, 'simple_cnn_finetuned.pth')))
  const { added, warnings } = await work.json<Added>('add', '-u')
  expect(warnings?.map(({ message }) => message)).toContain(
    'its content changed, so metrics that were given by hand are dropped: f1',
  )
  expect(added[0]!.given).toEqual({ metrics: {}, meta: {}, desc: 'mine', labels: [] })
})

test('a clone without the data can say something of it', async () => {
  work.write('net.pth', MODEL)
  await work.ok('add', 'net.pth')
  rmSync(work.path('net.pth'))
  const { added } = await work.json<Added>('add', 'net.pth', '--metric', 'f1=0.5')
  expect(added).toMatchObject([{ state: 'updated', given: { metrics: { f1: 0.5 } } }])
  expect((await work.art('add', 'net.pth')).code).toBe(1)
  expect((await work.json<Added>('add', 'net.pth', '--metric', 'f1=', '-n')).added).toMatchObject([
    { state: 'updated' },
  ])
  await work.ok('checkout')
  expect(readFileSync(work.path('net.pth'))).toEqual(MODEL)
})

test('no secret enters git, and nothing is written', async () => {
  work.write('net.pth', MODEL)
  const { code, stderr } = await work.art('add', 'net.pth', '--meta', 'wandb_api_key=0123456789')
  expect(code).toBe(2)
  expect(stderr).toContain('looks like a secret')
  expect((await work.art('add', '--refresh', '--label', 'x')).code).toBe(2)
  expect((await work.json<{ artifacts: unknown[] }>('status')).artifacts).toEqual([])
})

test('models, and not data, must tell the metrics that the configuration asks for before they are committed', async () => {
  work.write('net.pth', MODEL)
  work.write('data.csv', 'a,b\n')
  await work.ok('config', 'check.metrics', 'f1,top1')
  await work.ok('add', 'net.pth', 'data.csv')
  await work.git('add', '-A')
  const refused = await work.art('check')
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('its pointer tells no f1 and no top1: net.pth')
  expect(refused.stderr).toContain('art add --metric f1=<value> --metric top1=<value> net.pth')
  expect(refused.stderr).not.toContain('data.csv')
  await work.ok('add', 'net.pth', '--metric', 'f1=0.5', '--metric', 'top1=nan')
  await work.git('add', '-A')
  await work.ok('check')
})
