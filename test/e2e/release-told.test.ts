import { expect, test } from 'vitest'
import { eachRepository, work } from './fresh.ts'
import { modelFile, modelsFile, NET, PATH, ready, type Released, RESNET, reasons } from './release-model.ts'

eachRepository({ remote: true })

const REGISTRY = { models: [{ id: 'resnet-1', name: 'ResNet', version: '2.3.0', path: PATH, accuracy: 91.2 }] }
const TITLED = { resnet: { ...RESNET.resnet, title: 'ResNet' } }

/** A repository whose people have counted versions by hand so far. */
async function counted(files: Record<string, string>, models: Record<string, Record<string, string>> = TITLED) {
  await ready(work, models['resnet']!['path']!, modelFile(NET, { val_acc: 0.8 }), {
    'models.yaml': modelsFile(models),
    ...files,
  })
}

test('the first version with a tag goes on from what registry.json tells, and its entry stays as it is', async () => {
  await counted({ 'models/registry.json': JSON.stringify(REGISTRY) })
  const { stdout } = await work.ok('release', 'resnet', '--dry-run')
  expect(stdout).toContain('models/registry.json tells of 2.3.0')
  expect(stdout).toContain('--version 2.3.0 would release it as that one')
  const patch = await work.json<Released>('release', 'resnet', '--dry-run', '--bump', 'patch')
  expect(patch).toMatchObject({ version: '2.3.1', from: null })
  const released = await work.json<Released>('release', 'resnet')
  expect(released).toMatchObject({ version: '2.4.0', from: null, bump: null, tag: 'resnet@v2.4.0' })
  const { models } = JSON.parse(await work.git('show', 'HEAD:models/registry.json')) as { models: { id: string }[] }
  expect(models[0]).toEqual(REGISTRY.models[0])
  expect(models.map(({ id }) => id)).toEqual(['resnet-1', 'resnet@v2.4.0'])
  await work.ok('models', '--check')
  // From here on the tags tell.
  await ready(work, PATH, modelFile(NET, { val_acc: 0.81, fill: 1 }))
  expect((await work.json<Released>('release', 'resnet', '--bump', 'patch')).version).toBe('2.4.1')
})

test('the highest of all that is told counts: of pages, metadata and copies of versions, tracked or not', async () => {
  await counted({
    'models/registry.json': JSON.stringify(REGISTRY),
    'MODELS.md': '# Models\n\n## ResNet v2.10.0\n\nOurs.\n\n## VGG v7.0.0\n',
  })
  const dry = (): Promise<Released> => work.json<Released>('release', 'resnet', '--dry-run')
  expect(await dry()).toMatchObject({ version: '2.11.0', why: [expect.stringContaining('MODELS.md')] })
  work.write('models/archived/resnet_v3.0.0.pth', 'x')
  expect(await dry()).toMatchObject({ version: '3.1.0', why: [expect.stringContaining('resnet_v3.0.0.pth')] })
  await work.ok('add', 'models/archived/resnet_v3.0.0.pth')
  await work.commit('a copy')
  expect((await dry()).version).toBe('3.1.0')
  work.write('models/resnet_v4.0.0_metadata.yaml', 'name: resnet\nversion: 4.0.0\n')
  await work.commit('a file by hand')
  expect((await dry()).version).toBe('4.1.0')
})

test('a version that is given overrules it, and one of another model is nothing to this one', async () => {
  await counted({ 'models/registry.json': JSON.stringify(REGISTRY) })
  expect((await work.json<Released>('release', 'resnet', '--version', '2.3.0', '--dry-run')).tag).toBe('resnet@v2.3.0')
  const released = await work.json<Released>('release', 'resnet', '--version', '1.0.0')
  expect(released.version).toBe('1.0.0')
  work.write('models/vgg_best.safetensors', modelFile(NET))
  await work.ok('add', 'models/vgg_best.safetensors')
  await work.commit('vgg')
  await work.ok('push')
  expect((await work.json<Released>('release', 'vgg', '--dry-run')).version).toBe('1.0.0')
})

test('what nobody can count on from is refused, and --version answers', async () => {
  const entry = { ...REGISTRY.models[0], version: '2024.01.15' }
  await counted({ 'models/registry.json': JSON.stringify({ models: [entry] }) })
  expect(await reasons(work)).toMatch(/2024\.01\.15.*\[models\/registry\.json\].*art release resnet --version/)
  expect((await work.json<Released>('release', 'resnet', '--version', '1.0.0')).version).toBe('1.0.0')
})

test('a file that is called by its version is not released as another without a word', async () => {
  await counted({}, { resnet: { ...TITLED.resnet, path: 'models/resnet_v1.2.0.safetensors' } })
  expect(await reasons(work)).toMatch(/called v1\.2\.0.*--version 1\.2\.0/)
  expect((await work.json<Released>('release', 'resnet', '--version', '1.2.0')).version).toBe('1.2.0')
})
