import type { YamlMap, YamlValue } from '@art/core/yaml/plain.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseModelsFile } from '../models-file/models-file.ts'
import { isModelName } from '../tag/name.ts'
import { chooseModels, nameOfFile } from './model-name.ts'
import { withModels } from './models-text.ts'
import { Hints, noteMetadata, notePage, noteRegistry } from './told.ts'

describe('what a file is a model of', () => {
  test.each([
    ['models/simple_cnn_best.pth', 'simple_cnn'],
    ['models/resnet_best.pth', 'resnet'],
    ['models/resnet50.safetensors', 'resnet50'],
    ['models/bert-base_final.pt', 'bert-base'],
    ['runs/resnet/best.pth', 'resnet'],
    ['models/best.pth', 'model'],
    ['checkpoints/unet_last.ckpt', 'unet'],
    ['models/my model (1).onnx', 'my-model-1'],
    ['models/yolo.v8n.pt', 'yolo-v8n'],
    ['llama', 'llama'],
  ])('%s: %s', (path, name) => expect(nameOfFile(path)?.name).toBe(name))

  test.each([
    'models/simple_cnn_epoch_7.pth',
    'models/simple_cnn_epoch7.pth',
    'models/cnn-epoch=12-val_acc=0.9.ckpt',
    'models/simple_cnn_v1.0.0.pth',
    'models/simple_cnn-1.0.0-rc.1.pth',
    'models/cnn_v2.pth',
    'models/checkpoint-500',
    'models/archived/simple_cnn_best.pth',
    'models/archive/old.pth',
  ])('%s: none', (path) => expect(nameOfFile(path)).toBeUndefined())

  test('of several files of a model the best one; of several folders each', () => {
    const paths = ['m/cnn_last.pth', 'm/cnn_best.pth', 'm/cnn.pth', 'm/a/cnn_best.pth', 'm/b/c/cnn_final.pth']
    const chosen = chooseModels(paths.flatMap((path) => nameOfFile(path) ?? []))
    expect(chosen.map(({ name, path }) => [name, path])).toEqual([
      ['a-cnn', 'm/a/cnn_best.pth'],
      ['c-cnn', 'm/b/c/cnn_final.pth'],
      ['cnn', 'm/cnn_best.pth'],
    ])
  })

  test('whatever a file is called, its name can be in a tag', () => {
    expect.hasAssertions()
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 4 }), (parts) => {
        const found = nameOfFile(parts.map((part) => part.replaceAll('/', '')).join('/'))
        expect(found === undefined || isModelName(found.name)).toBe(true)
      }),
    )
  })
})

const added = (...names: string[]): YamlMap =>
  new Map(
    names.map((name): [string, YamlValue] => [
      name,
      new Map([
        ['path', `${name}.pth`],
        ['title', 'yes'],
      ]),
    ]),
  )

describe('models.yaml grows', () => {
  test.each([
    [
      'lines with comments',
      '# ours\nmodels:\n    # first\n    a: a.pth   # here\n\n    b:\n        path: b.pth # there\n# end\nother: 1\n',
    ],
    ['a section in the middle', 'models:\n  a: a.pth\nother:\n  - x\n'],
    ['no line end', 'models:\n  a: {path: a.pth}'],
    ['a text in lines', 'models:\n  a:\n    path: a.pth\n    notes: |\n      one\n      two\nz: 1\n'],
  ])('behind what is there, which stays byte for byte: %s', async (_, text) => {
    const made = await withModels(text, added('x', 'y'))
    const models = await parseModelsFile(made)
    const before = await parseModelsFile(text)
    expect([...models.keys()]).toEqual([...before.keys(), 'x', 'y'])
    for (const [name, entry] of before) expect(models.get(name)).toEqual(entry)
    const lines = made.split('\n')
    for (const line of text.split('\n')) expect(lines.splice(0, lines.indexOf(line) + 1)).toContain(line)
  })

  test.each([
    ['a section in braces', 'models: {a: a.pth} # ours\n'],
    ['an empty section', '# ours\nmodels:\n'],
    ['no section', '# ours\nother: 1\n'],
    ['comments alone', '# ours\n'],
    ['nothing', ''],
  ])('with its comments: %s', async (_, text) => {
    const made = await withModels(text, added('x'))
    expect((await parseModelsFile(made)).get('x')).toMatchObject({ path: 'x.pth', title: 'yes' })
    if (text.includes('# ours')) expect(made).toContain('# ours')
    if (text.includes('a.pth')) expect((await parseModelsFile(made)).has('a')).toBe(true)
  })

  test('by nothing', async () => {
    expect(await withModels('models: {}\n', new Map())).toBe('models: {}\n')
  })
})

test('title, dataset, task and notes come from what people wrote before, the first source first', () => {
  const hints = new Hints()
  noteRegistry(hints, '{"models": [{"id": 1, "name": "SimpleCNN", "dataset": "CIFAR-10"}, 5, {"name": ["x"]}]}', 'r')
  noteMetadata(
    hints,
    new Map<string, YamlValue>([
      ['model_name', 'simple_cnn'],
      ['dataset', new Map([['name', 'other']])],
      ['task', 'classify'],
    ]),
    'm',
  )
  notePage(
    hints,
    '# Models\n## SimpleCNN v1.0.0\n* **Task:** none\n- Description: small\n## ResNet-18 (v2.1.0)\n| Key | Value |\n| Dataset | ImageNet |\n',
    'p',
  )
  expect(hints.of('simple_cnn')).toEqual({
    title: 'SimpleCNN',
    dataset: 'CIFAR-10',
    task: 'classify',
    notes: 'small',
    from: ['r', 'm', 'p'],
  })
  expect(hints.of('resnet18')).toMatchObject({ title: 'ResNet-18', dataset: 'ImageNet' })
  expect(hints.of('constructor')).toEqual({ from: [] })
})

test('files that cannot be read tell nothing', () => {
  const hints = new Hints()
  noteRegistry(hints, '{', 'r')
  notePage(hints, '<!-- art:release a@v1.0.0 -->\n', 'p')
  expect(hints.of('a')).toEqual({ from: [] })
})
