import { describe, expect, test } from 'vitest'
import type { CurrentFiles } from '../files/make-files.ts'
import { summedUp, toldVersions } from './told-versions.ts'

const MODEL = { name: 'resnet', title: 'ResNet-18', path: 'models/resnet_best.pth' }

async function told(files: Partial<CurrentFiles>, paths: string[] = []): Promise<string[]> {
  const all = { registry: undefined, page: undefined, metadata: new Map<string, string>(), ...files }
  return (await toldVersions(MODEL, all, paths)).map(({ text, version }) => `${text}=${version ?? '?'}`)
}

const inRegistry = (entry: object): Promise<string[]> => told({ registry: JSON.stringify({ models: [entry] }) })
const inPage = (page: string): Promise<string[]> => told({ page })
const inMetadata = (path: string, text = 'a: 1\n'): Promise<string[]> =>
  told({ metadata: new Map([[`models/${path}`, text]]) })

describe('versions that files of people tell of', () => {
  test.each([
    [{ name: 'resnet', version: '2.3.0' }, ['2.3.0=2.3.0']],
    [{ name: 'ResNet 18', version: 'v2.3.0-rc.1' }, ['v2.3.0-rc.1=2.3.0-rc.1']],
    [{ id: 'resnet_v2.3.0' }, ['v2.3.0=2.3.0']],
    [{ id: 7, name: 'ResNet-18 v2.3.0' }, ['v2.3.0=2.3.0']],
    [{ id: 7, path: 'models/resnet_v2.3.0.pth' }, ['v2.3.0=2.3.0']],
    [{ id: 7, version: 2, path: 'models/resnet_best.pth' }, ['2=2.0.0']],
    [{ name: 'resnet', version: 'v2.3' }, ['v2.3=2.3.0']],
    [{ name: 'resnet', version: 2.3 }, ['2.3 (a number)=?']],
    [{ name: 'resnet', version: '2024.01.15' }, ['2024.01.15=?']],
    [{ name: 'resnet', version: '20240115' }, ['20240115=?']],
    [{ name: 'resnet', version: 'r17' }, ['r17=?']],
    [{ name: 'resnet', version: '1.9007199254740991.0' }, ['1.9007199254740991.0=?']],
    [{ name: 'resnet', version: `1${'.1'.repeat(1000)}` }, [`1${'.1'.repeat(49)}.…=?`]],
    [{ name: 'resnet', version: 'baseline' }, []],
    [{ name: 'resnet50', version: '2.3.0' }, []],
    [{ name: 'other', version: '2.3.0', path: 'models/other_best.pth' }, []],
    [{ name: ['resnet'], version: { major: 2 } }, []],
  ])('%j in registry.json', async (entry, wanted) => expect(await inRegistry(entry)).toEqual(wanted))

  test.each([
    ['## ResNet-18 v2.3.0 (baseline)\n', ['v2.3.0=2.3.0']],
    ['## `resnet` 2.3.0\n', ['2.3.0=2.3.0']],
    ['\ufeff# ResNet-18 V2.3.0\r\nOurs.\r\n', ['V2.3.0=2.3.0']],
    ['# ResNet-18\ntext\n## v2.3.0\n### Notes 9.9.9\n## Version 2.2.0\n', ['v2.3.0=2.3.0', '2.2.0=2.2.0']],
    ['## ResNet-18\n- **Version**: 2.3.0\n- **Dataset**: CIFAR-10\n', ['2.3.0=2.3.0']],
    ['| Model | Version | Accuracy |\n|---|---|---|\n| **ResNet-18** | 2.3.0 | 0.91 |\n', ['2.3.0=2.3.0']],
    ['| resnet v2.3.0 | 0.91 |\n| vgg v7.0.0 |\n', ['v2.3.0=2.3.0']],
    ['## VGG v7.0.0\n# ResNet-18\n## Accuracy 0.91\n', []],
    ['```\n## ResNet-18 v7.0.0\n```\n', []],
    ['## ResNet-18 needs torch 2.9.0\n', []],
    ['<!-- /art:release a@v1.0.0 -->\n## resnet v2.3.0\n', []],
  ])('%j in MODELS.md', async (page, wanted) => expect(await inPage(page)).toEqual(wanted))

  test.each([
    ['resnet_v2.3.0_metadata.yaml', 'anything: 1\n', ['v2.3.0=2.3.0']],
    ['vgg_v2.3.0_metadata.yaml', 'name: resnet\nversion: 9.0.0\n', []],
    ['resnet_metadata.yaml', 'name: resnet\nversion: "2.3.0"\n', ['2.3.0=2.3.0']],
    ['resnet_metadata.yaml', 'name: resnet\nversion: 1.1\n', ['1.1 (a number)=?']],
    ['resnet_metadata.yaml', '{', []],
  ])('%s', async (path, text, wanted) => expect(await inMetadata(path, text)).toEqual(wanted))

  test.each([
    ['models/resnet_v2.3.0.pth', ['v2.3.0=2.3.0']],
    ['models/archived/resnet_best-2.3.0.safetensors', ['2.3.0=2.3.0']],
    ['models/resnet_v2.pth', ['v2=2.0.0']],
    ['models/resnet_v2_best.pth', []],
    ['models/resnet_epoch_7.pth', []],
    ['models/resnet50_v2.3.0.pth', []],
  ])('%s', async (path, wanted) => expect(await told({}, [path])).toEqual(wanted))

  test('are summed up as the highest, and one that cannot be read', () => {
    const one = (text: string, version?: string) => ({ text, version, from: 'f' })
    expect(summedUp([])).toEqual({})
    expect(summedUp([one('v10', '10.0.0'), one('9.0.0', '9.0.0'), one('r1')])).toEqual({
      highest: one('v10', '10.0.0'),
      unclear: one('r1'),
    })
  })

  test('cost no time that anybody could use', async () => {
    const long = 'a-v1.'.repeat(100_000)
    expect(await inRegistry({ name: long, id: long, version: long, path: `models/${long}.pth` })).toEqual([])
    expect(await inPage(`## ${long}\n|${' 1.0.0 |'.repeat(100_000)}\n`)).toEqual([])
  })
})
