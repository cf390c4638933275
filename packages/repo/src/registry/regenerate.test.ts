import { afterEach, beforeEach, expect, test } from 'vitest'
import { publish } from '../git/publish.ts'
import { settleFiles } from '../git/settle-files.ts'
import { TemporaryRepo } from '../temporary-repo.ts'
import { openRegistry } from './open.ts'
import { records } from './records.ts'
import { regenerate } from './regenerate.ts'

let place: TemporaryRepo
beforeEach(async () => {
  place = await TemporaryRepo.create()
})
afterEach(() => place.remove())

const MODELS = `models:
  simple_cnn:
    path: models/simple_cnn_best.pth
    title: SimpleCNN
    dataset: CIFAR-10
    metrics: models/simple_cnn_metrics.json
    training: {gpu: RTX 3090, training_time_hours: 2.5}
`

async function released(version: string, digit: string): Promise<void> {
  place.write('models.yaml', MODELS)
  place.write('models/simple_cnn_metrics.json', '{"precision": 0.91, "test": {"f1": NaN}}')
  const config = new Map<string, number | string>([
    ['lr', 0.001],
    ['epochs', 100],
  ])
  const checkpoint = new Map<string, number | string | typeof config>([
    ['format', 'pytorch'],
    ['parameters', 1_234_567],
    ['val_acc', 0.915],
    ['config', config],
  ])
  await place.pointer('models/simple_cnn_best.pth', digit, { size: 1000, checkpoint })
  place.commit(`train ${version}`)
  place.git('tag', '-a', '-m', `release ${version}`, `simple_cnn@v${version}`)
}

async function regenerated() {
  const repo = await place.open()
  const files = await regenerate(repo, await openRegistry(repo), { base: 'HEAD' })
  await publish(repo, { files, message: 'files', tags: [] })
  await settleFiles(repo, files)
  return files
}

test('what tags say comes into the files, and a second run changes nothing', async () => {
  await released('1.0.0', 'a')
  await released('1.1.0', 'b')
  const files = await regenerated()
  expect(files.map(({ path }) => path).sort()).toEqual([
    'MODELS.md',
    'models/registry.json',
    'models/simple_cnn_v1.0.0_metadata.yaml',
    'models/simple_cnn_v1.1.0_metadata.yaml',
  ])
  expect(place.git('status', '--short')).toBe('')
  expect(await regenerated()).toEqual([])
})

test('a record tells what the tree of the tagged commit has, whatever is there now', async () => {
  await released('1.0.0', 'a')
  place.write('models.yaml', 'models: {simple_cnn: other.pth}\n')
  place.write('models/simple_cnn_metrics.json', '{}')
  place.commit()
  const repo = await place.open()
  const [record] = await records(repo, await openRegistry(repo))
  expect(record).toMatchObject({
    model: 'simple_cnn',
    version: '1.0.0',
    tag: 'simple_cnn@v1.0.0',
    author: 'T <t@example.org>',
    commit: place.git('rev-parse', 'simple_cnn@v1.0.0^{commit}'),
    path: 'models/simple_cnn_best.pth',
    oid: 'a'.repeat(64),
    size: 1000,
    entry: { title: 'SimpleCNN' },
    facts: { parameters: 1_234_567, metrics: { val_acc: 0.915, precision: 0.91, 'test.f1': 'nan' } },
    deciding: { name: 'val_acc', value: 0.915, direction: 'highest' },
    status: 'released',
    stages: [],
  })
})

test('a file that git does not know yet is not written over, and git is told how it would', async () => {
  await released('1.0.0', 'a')
  place.write('MODELS.md', '# Ours\n')
  await expect(regenerated()).rejects.toMatchObject({
    code: 'WOULD_OVERWRITE',
    path: 'MODELS.md',
    message: 'it is not committed',
    hint: expect.stringContaining('`git add MODELS.md`') as string,
  })
  place.commit('ours')
  await regenerated()
  await released('1.1.0', 'b')
  place.write('MODELS.md', '# Other\n')
  await expect(regenerated()).rejects.toMatchObject({ hint: expect.stringContaining('git checkout') as string })
})
