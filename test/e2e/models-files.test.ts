import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DATA, Place, ROOT, type Work } from './harness.ts'
import { expectProblem } from './problem.ts'
import { join } from 'node:path'

const SCHEMAS = join(ROOT, 'docs/schemas')
const ajv = new Ajv2020({ strictTypes: false, strictRequired: false })
for (const name of readdirSync(SCHEMAS).filter((one) => one.endsWith('-file.schema.json')))
  ajv.addSchema(JSON.parse(readFileSync(join(SCHEMAS, name), 'utf8')) as object)

function expectValid(schema: string, document: unknown): void {
  const validate = ajv.getSchema(`${schema}.schema.json`)!
  expect(validate(document), ajv.errorsText(validate.errors)).toBe(true)
}

let place: Place
let work: Work
beforeAll(async () => {
  place = new Place()
  work = await place.repository('work')
  const [first, second] = ['simple_cnn.pth', 'simple_cnn_finetuned.pth'].map((name) => readFileSync(join(DATA, name)))
  work.write('models/simple_cnn_best.pth', first!)
  work.write('models/simple_cnn_epoch_7.pth', first!)
  work.write('models/simple_cnn_v1.0.0.pth', second!)
  work.write('models/resnet_best.pth', second!)
  work.write('models/archived/resnet_old.pth', first!)
  await work.ok('add', '--glob', 'models/*.pth', 'models/archived/*.pth')
  work.write('MODELS.md', '# Our models\n\n## SimpleCNN v1.0.0\n\n- **Dataset**: CIFAR-10\n\nA note.\n')
  work.write(
    'models/registry.json',
    '{"models": [{"id": "m1", "name": "SimpleCNN", "version": "1.0.0", "accuracy": 78.6}]}\n',
  )
})
afterAll(() => place.dispose())

describe('from files that people kept by hand to files that agree with tags', () => {
  test('models.yaml is proposed and shown', async () => {
    const { stdout: shown } = await work.ok('models', 'init')
    expect(shown).toContain('models/simple_cnn_best.pth')
    expect(shown).toContain('git add models.yaml')
    const text = readFileSync(work.path('models.yaml'), 'utf8')
    expect(parse(text)).toEqual({
      models: {
        resnet: { path: 'models/resnet_best.pth', dataset: 'stripes-16x16', metric: 'val_acc' },
        simple_cnn: { path: 'models/simple_cnn_best.pth', title: 'SimpleCNN', dataset: 'CIFAR-10', metric: 'val_acc' },
      },
    })
    expectValid('models-file', parse(text))
    expect(await work.json('models', 'init')).toMatchObject({ state: 'unchanged', kept: ['resnet', 'simple_cnn'] })
  })

  test('before there is a tag, models are listed and their files agree', async () => {
    await work.commit('models')
    expect((await work.ok('models')).stdout).toMatch(
      /^model +latest +path\nresnet +none +models\/resnet_best\.pth\nsimple_cnn +none/,
    )
    expect((await work.ok('models', '--check')).stdout).toBe('ok: the files agree with the tags of 0 releases\n')
  })

  test('a tag that the files lack is behind or wrong, and --fix adopts them', async () => {
    await work.git('tag', '-a', '-m', 'first', 'simple_cnn@v1.0.0')
    await work.git('tag', '-a', '-m', 'first', 'resnet@v0.1.0')
    await work.git('tag', '-a', '-m', 'up', 'resnet#production#1')
    const before = await work.art('models', '--check', '--strict')
    expect(before.code).toBe(1)
    expect(before.stderr).toContain('hint: Run `art models --fix`')
    const fixed = await work.json<{ commit: string; files: { path: string }[] }>('models', '--fix')
    expect(fixed.files.map(({ path }) => path)).toEqual([
      'models/registry.json',
      'MODELS.md',
      'models/resnet_v0.1.0_metadata.yaml',
      'models/simple_cnn_v1.0.0_metadata.yaml',
    ])
    expect(await work.git('status', '--short')).toBe('')
    expect((await work.ok('models', '--check', '--strict')).stdout).toBe(
      'ok: the files agree with the tags of 2 releases\n',
    )
    expect((await work.ok('models', '--fix')).stdout).toBe('the files agree with the tags\n')
  })

  test('they are what the schemas say, with what people had written', async () => {
    const registry = JSON.parse(readFileSync(work.path('models/registry.json'), 'utf8')) as { models: object[] }
    expectValid('registry-file', registry)
    expect(registry.models).toMatchObject([
      { id: 'm1', name: 'SimpleCNN', accuracy: 78.6, tag: 'simple_cnn@v1.0.0', parameters: 19354, status: 'released' },
      { id: 'resnet@v0.1.0', accuracy: 0.886, status: 'production', stages: ['production'] },
    ])
    const metadata: unknown = parse(readFileSync(work.path('models/resnet_v0.1.0_metadata.yaml'), 'utf8'))
    expectValid('metadata-file', metadata)
    expect(metadata).toMatchObject({
      name: 'resnet',
      version: '0.1.0',
      dataset: 'stripes-16x16',
      metrics: { val_acc: 0.886 },
      architecture: { total_params: 19354 },
      training: { optimizer: 'Adam', batch_size: 64 },
    })
    const page = readFileSync(work.path('MODELS.md'), 'utf8')
    expect(
      page.startsWith('# Our models\n\n## SimpleCNN v1.0.0\n\n- **Dataset**: CIFAR-10\n\nA note.\n\n<!-- art:release'),
    ).toBe(true)
    expect(page).toContain('## resnet v0.1.0\n')
  })

  test('an edited registry fails the gate, by file, release and value', async () => {
    const text = readFileSync(work.path('models/registry.json'), 'utf8')
    work.write('models/registry.json', text.replace('0.886', '0.99'))
    const { code, stdout, stderr } = await work.art('models', '--check')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toBe(
      'error: models/registry.json: resnet@v0.1.0: accuracy is 0.99, and should be 0.886\n' +
        'hint: Run `art models --fix` to make the files say what the tags do.\n',
    )
    await expectProblem(work, ['models', '--fix'], {
      code: 'WOULD_OVERWRITE',
      path: 'models/registry.json',
      hint: /--no-commit/,
    })
    expect((await work.ok('models', '--fix', '--no-commit')).stdout).toContain(
      'written  models/registry.json\nnot committed',
    )
    expect(readFileSync(work.path('models/registry.json'), 'utf8')).toBe(text)
  })

  test('one that cannot be read says what to do instead of --fix, which could not', async () => {
    const text = readFileSync(work.path('models/registry.json'), 'utf8')
    work.write('models/registry.json', text.slice(0, -5))
    const { code, stderr } = await work.art('models', '--check')
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^error: models\/registry\.json: the registry cannot be read: it is no JSON.*\nhint: Correct it/,
    )
    expect(stderr).not.toContain('to make the files say')
    work.write('models/registry.json', text)
  })

  test('from a folder below, paths are named from there', async () => {
    const below = await work.art('-C', 'models', 'models', '--json')
    expect(JSON.parse(below.stdout)).toMatchObject({
      models: [{ path: 'resnet_best.pth' }, { path: 'simple_cnn_best.pth' }],
    })
  })

  test('a clone without tags says which fetch it needs', async () => {
    await place.run('git', ['clone', '-q', '--no-tags', work.folder, place.path('clone')])
    const { code, stderr } = await place.run('art', ['models', '--check'], { cwd: place.path('clone') })
    expect(code).toBe(1)
    expect(stderr).toContain('git fetch --tags')
  })
})

test('the optimizer that only the checkpoint tells comes into a new metadata file, and is not asked for elsewhere', async () => {
  const source = await place.repository('lightning')
  source.write('models.yaml', 'models: {lit: models/lit.pth}\n')
  source.write('models/lit.pth', readFileSync(join(DATA, 'models/torch/lightning.pth')))
  await source.ok('add', 'models/lit.pth')
  await source.commit('lit')
  await source.git('tag', '-a', '-m', 'x', 'lit@v1.0.0')
  await source.ok('models', '--fix')
  const text = readFileSync(source.path('models/lit_v1.0.0_metadata.yaml'), 'utf8')
  expect(parse(text)).toMatchObject({ training: { learning_rate: 0.001, optimizer: 'Adam' } })
  const clone = await place.clone(source.folder, 'lightning-clone')
  expect((await clone.ok('models', '--check')).stdout).toMatch(/^ok/)
})

test.each([['--check', '--fix'], ['--strict'], ['--no-commit'], ['--check', 'resnet']])(
  'art models %s %s is wrong use',
  async (...args) => {
    await expectProblem(work, ['models', ...args.filter((one) => one !== undefined)], { code: 'USAGE', exit: 2 })
  },
)

test('what a stranger wrote into tags and models.yaml reaches no terminal', async () => {
  const other = await place.repository('other')
  other.write('models.yaml', 'models:\n  net: {path: "a\\u001b[31m.pth", title: "x\\u202e", metric: "m\\u001b"}\n')
  await other.commit('x')
  const message = `x\n\nart: 1\npath: "a\\u001b[31m.pth"\noid: sha256:${'a'.repeat(64)}\nsize: 1`
  await other.git('tag', '-a', '-m', message, 'net@v1.0.0')
  await other.git('tag', '-a', '-m', 'x', 'nothing@v1.0.0')
  for (const args of [[], ['--check'], ['--fix'], ['init']]) {
    const { stdout, stderr } = await other.art('models', ...args)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(stdout + stderr).not.toMatch(/[\u001b\u202e]/)
  }
  expect((await other.ok('models')).stdout).toContain('nothing@v1.0.0')
})
