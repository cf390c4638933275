import { readYaml } from '@art/core/yaml/document.ts'
import { expect, test } from 'vitest'
import { bareRecord, exampleRecord } from './example-record.ts'
import { metadataOf, renderMetadata } from './metadata.ts'
import { metadataPath, releaseOfPath } from './place.ts'
import { renderPage } from './render-page.ts'
import { renderRegistry } from './render-registry.ts'

const never = () => false
const all = [
  bareRecord({ model: 'cv/resnet', version: '0.1.0-rc.1' }),
  exampleRecord(),
  exampleRecord({ version: '1.1.0', commit: '1234567'.padEnd(40, '0'), status: 'released', stages: [] }),
]

test('metadata files have exactly these bytes', async () => {
  await expect(await renderMetadata(exampleRecord())).toMatchFileSnapshot('golden/metadata.yaml')
  await expect(await renderMetadata(all[0]!)).toMatchFileSnapshot('golden/bare_metadata.yaml')
})

test('registry.json has exactly these bytes', async () => {
  await expect(renderRegistry(all, undefined, never).text).toMatchFileSnapshot('golden/registry.json')
})

test('MODELS.md has exactly these bytes', async () => {
  await expect(renderPage(all, undefined, never).text).toMatchFileSnapshot('golden/MODELS.md')
})

test('what was written is right, and is not written again', async () => {
  const page = renderPage(all, undefined, never).text
  expect(renderPage(all, page, never)).toEqual({ text: page, problems: [] })
  const registry = renderRegistry(all, undefined, never).text
  expect(renderRegistry(all, registry, never)).toEqual({ text: registry, problems: [] })
  const metadata = await renderMetadata(all[1]!)
  expect(await renderMetadata(all[1]!, metadata)).toBe(metadata)
  expect(await readYaml(metadata, { code: 'CONFIG_INVALID' })).toEqual(metadataOf(all[1]!))
})

test('files grow by what is new alone, whatever the order in which releases come', () => {
  let page: string | undefined
  let registry: string | undefined
  for (const some of [[all[2]!], [all[1]!, all[2]!], all]) {
    page = renderPage(some, page, never).text
    registry = renderRegistry(some, registry, never).text
  }
  expect(page).toBe(renderPage(all, undefined, never).text)
  expect(JSON.parse(registry!).models.map(({ id }: { id: string }) => id)).toEqual([
    'simple_cnn@v1.0.0',
    'simple_cnn@v1.1.0',
    'cv/resnet@v0.1.0-rc.1',
  ])
})

test('what is known of a training on one machine alone stays in a file, and is not asked for', async () => {
  const more = new Map([['optimizer', 'Adam']])
  const made = await renderMetadata(bareRecord(), undefined, more)
  expect(made).toContain('training:\n  optimizer: Adam\ndate:')
  expect(await renderMetadata(bareRecord(), made)).toBe(made)
  expect(await renderMetadata(exampleRecord(), undefined, more)).toBe(await renderMetadata(exampleRecord()))
})

test('no two releases share a metadata file', () => {
  expect(metadataPath('cv/resnet', '1.0.0')).toBe('models/cv.resnet_v1.0.0_metadata.yaml')
  expect(releaseOfPath('models/cv.resnet_v1.0.0_metadata.yaml')).toEqual({ model: 'cv/resnet', version: '1.0.0' })
  expect(releaseOfPath('models/x_v1_v2.0.0-rc.1_metadata.yaml')).toEqual({ model: 'x_v1', version: '2.0.0-rc.1' })
  expect(releaseOfPath('models/x_v1_metadata.yaml')).toBeUndefined()
  const [long, other] = [`${'a'.repeat(190)}b`, `${'a'.repeat(190)}c`]
  expect(metadataPath(long, '1.0.0')).not.toBe(metadataPath(other, '1.0.0'))
  expect(metadataPath(long, '1.0.0').length).toBeLessThan(220)
})
