import { expect, test } from 'vitest'
import { changeArchived } from './archived.ts'
import { parseModelsFile } from './models-file.ts'

const TEXT = `# our models
models:
  cnn: models/cnn.pth # the small one
  resnet:
    path: models/resnet.pth
    # kept for the paper
    archived: [1.0.0, 0.9.0]
    training: {lr: 0.1}
`
const change = (model: string, version: string, archived = true) => ({
  model,
  version,
  archived,
  path: `models/${model}.pth`,
})

test('versions come and go, comments and everything else stay', async () => {
  const text = await changeArchived(TEXT, [change('cnn', '1.0.0'), change('resnet', '2.0.0'), change('vit', '1.0.0')])
  const models = await parseModelsFile(text)
  expect(models.get('cnn')).toMatchObject({ path: 'models/cnn.pth', archived: ['1.0.0'] })
  expect(models.get('resnet')?.archived).toEqual(['0.9.0', '1.0.0', '2.0.0'])
  expect(models.get('vit')).toMatchObject({ path: 'models/vit.pth', archived: ['1.0.0'] })
  for (const line of ['# our models', '# kept for the paper', '    training: {lr: 0.1}']) expect(text).toContain(line)
  const back = await changeArchived(text, [change('resnet', '2.0.0', false), change('cnn', '1.0.0', false)])
  expect((await parseModelsFile(back)).get('cnn')).toEqual({ name: 'cnn', path: 'models/cnn.pth' })
  expect((await parseModelsFile(back)).get('resnet')?.archived).toEqual(['0.9.0', '1.0.0'])
})

test('what is so already changes no byte', async () => {
  expect(await changeArchived(TEXT, [change('resnet', '1.0.0'), change('cnn', '3.0.0', false)])).toBe(TEXT)
  expect((await parseModelsFile(await changeArchived('', [change('cnn', '1.0.0')]))).get('cnn')?.archived).toEqual([
    '1.0.0',
  ])
})
