import { existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { initModels } from './models-init.ts'

let place: TemporaryRepo
beforeEach(async () => {
  place = await TemporaryRepo.create()
})
afterEach(() => place.remove())

async function init(options?: { dryRun?: boolean }) {
  return await initModels(await place.open(), options)
}

async function layout(): Promise<void> {
  const config = new Map([
    ['dataset', 'CIFAR-10'],
    ['lr', '0.1'],
  ])
  const checkpoint = new Map<string, number | string | typeof config>([
    ['format', 'pytorch'],
    ['val_acc', 0.9],
    ['loss', 0.1],
    ['config', config],
  ])
  for (const name of ['simple_cnn_best', 'simple_cnn_epoch_7', 'simple_cnn_v1.0.0', 'archived/old'])
    await place.pointer(`models/${name}.pth`, 'a', { checkpoint })
  await place.pointer('models/resnet_best.pth')
  await place.pointer('data/train', 'b', { kind: 'd' })
  await place.pointer('data/images.tar', 'c')
  place.write('models/resnet_metrics.json', '{}')
  place.write('MODELS.md', '# Ours\n\n## SimpleCNN v1.0.0\n\n- **Dataset**: CIFAR-10 (clean)\n')
}

test('models.yaml is proposed from the model files that are tracked, and never twice', async () => {
  await layout()
  expect(await init({ dryRun: true })).toMatchObject({ state: 'written' })
  expect(existsSync(join(place.root, 'models.yaml'))).toBe(false)
  const made = await init()
  expect(made.added).toEqual([
    { name: 'resnet', path: 'models/resnet_best.pth', from: [] },
    { name: 'simple_cnn', path: 'models/simple_cnn_best.pth', from: ['models/simple_cnn_best.pth.art', 'MODELS.md'] },
  ])
  expect(place.read('models.yaml')).toBe(made.text)
  expect(made.text.slice(made.text.indexOf('models:'))).toBe(`models:
  resnet:
    path: models/resnet_best.pth
    metrics: models/resnet_metrics.json
  simple_cnn:
    path: models/simple_cnn_best.pth
    title: SimpleCNN
    dataset: CIFAR-10 (clean)
    metric: val_acc
`)
  expect(await init()).toMatchObject({ state: 'unchanged', added: [], kept: ['resnet', 'simple_cnn'] })
})

test('a models.yaml that is there keeps what it has, and gets what it lacks', async () => {
  await layout()
  const ours = '# ours\nmodels:\n  cnn: # the small one\n    path: models/simple_cnn_best.pth\n    owner: ada\n'
  place.write('models.yaml', ours)
  expect(await init()).toMatchObject({ state: 'extended', added: [{ name: 'resnet' }], kept: ['cnn'] })
  expect(place.read('models.yaml').startsWith(ours)).toBe(true)
})

test('nothing is written where no model is tracked', async () => {
  expect(await init()).toEqual({ path: 'models.yaml', state: 'unchanged', added: [], kept: [], text: '' })
  expect(existsSync(join(place.root, 'models.yaml'))).toBe(false)
})

test('a models.yaml that cannot be read, or is a link, is refused', async () => {
  await layout()
  place.write('models.yaml', 'models: [a]\n')
  await expect(init()).rejects.toMatchObject({ code: 'CONFIG_INVALID', path: 'models.yaml' })
  place.git('rm', '-q', '--ignore-unmatch', 'models.yaml')
  const other = await TemporaryRepo.create()
  try {
    symlinkSync(join(other.base, 'outside'), join(other.root, 'models.yaml'))
    await other.pointer('models/cnn.pth')
    await expect(initModels(await other.open())).rejects.toMatchObject({ code: 'PATH_UNSAFE' })
    expect(existsSync(join(other.base, 'outside'))).toBe(false)
  } finally {
    other.remove()
  }
})
