import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type FakeServer, fakeServer, json, type Received } from '@art/registry/mlflow/temporary-server.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MlflowPullResult } from '../mlflow-api.ts'
import { TemporaryRepo } from '../temporary-repo.ts'
import { mlflowPull } from './mlflow-pull.ts'
import { mlflowPush } from './mlflow-push.ts'

let place: TemporaryRepo
let fake: FakeServer
beforeEach(async () => {
  place = await TemporaryRepo.create()
  fake = await fakeServer()
})
afterEach(async () => {
  await fake.close()
  place.remove()
})

interface Listed {
  path: string
  is_dir?: boolean
  file_size?: number | string
}

/** A server with one registered model of one version; `list` are the entries of a folder, `bytes` what a file has. */
function serves(list: (folder: string) => Listed[], bytes: (path: string) => string, more: object = {}): void {
  const version = { name: 'm', version: '1', status: 'READY', run_id: 'r', ...more }
  fake.answer = ({ path }: Received, response) => {
    const { pathname, searchParams } = new URL(path, fake.url)
    const [, api = ''] = /^\/api\/2\.0\/(.*)/.exec(pathname) ?? []
    if (api === 'mlflow/registered-models/get') return json(response, { registered_model: { name: 'm' } })
    if (api === 'mlflow/model-versions/search') return json(response, { model_versions: [version] })
    if (api === 'mlflow/model-versions/get-download-uri')
      return json(response, { artifact_uri: 'mlflow-artifacts:/1/r' })
    if (api === 'mlflow/runs/get') return json(response, {})
    if (api === 'mlflow-artifacts/artifacts') {
      const folder = searchParams.get('path') ?? ''
      return json(response, { files: folder === '1' ? [{ path: 'r', is_dir: true }] : list(folder) })
    }
    response.writeHead(200).end(bytes(decodeURIComponent(api.slice('mlflow-artifacts/artifacts/1/r/'.length))))
  }
}

async function pull(): Promise<MlflowPullResult> {
  return await mlflowPull(await place.open(), ['m'], { uri: fake.url })
}

/** Nothing but what `art init` made. */
function untouched(): boolean {
  return (
    readdirSync(place.base).every((name) => ['work', '.gitconfig'].includes(name)) &&
    !existsSync(join(place.root, 'models.yaml'))
  )
}

describe('a hostile MLflow server', () => {
  it.each([
    ['..'],
    ['../outside'],
    ['/etc/passwd'],
    ['a/../../b'],
    ['a\\b'],
    ['C:x'],
    ['a\0b'],
    ['.git'],
    ['.GIT'],
    ['.art'],
    ['x.art'],
    [''],
    ['.'],
    ['n'.repeat(300)],
  ])('cannot have a file written under the name %j', async (name) => {
    serves(
      () => [
        { path: name, file_size: 1 },
        { path: 'other', file_size: 1 },
      ],
      () => 'x',
    )
    const { models, failed } = await pull()
    expect(models).toEqual([])
    expect(failed).toMatchObject([{ path: 'm/1', code: 'PATH_UNSAFE' }])
    expect(untouched()).toBe(true)
  })

  it.each<[string, (folder: string) => Listed[], string]>([
    ['folders in folders without end', () => [{ path: 'a', is_dir: true }], 'REMOTE_REFUSED'],
    [
      'a name twice',
      () => [
        { path: 'a', file_size: 1 },
        { path: 'a', file_size: 1 },
      ],
      'REMOTE_REFUSED',
    ],
    [
      'more files than anybody has',
      () => Array.from({ length: 100_001 }, (_, i) => ({ path: `f${i}`, file_size: 1 })),
      'REMOTE_REFUSED',
    ],
    ['a file that no disk holds', () => [{ path: 'a', file_size: '9007199254740991' }], 'DISK_FULL'],
    ['a file that is longer than it says', () => [{ path: 'a', file_size: 1 }], 'CORRUPT'],
    ['nothing', () => [], 'REMOTE_REFUSED'],
  ])('lists %s: an error, and nothing is there', async (_, list, code) => {
    serves(list, () => 'four')
    const answer = await pull().catch((error: unknown) => ({ models: [], failed: [error] }))
    expect(answer.failed).toMatchObject([{ code }])
    expect(answer.models).toEqual([])
    expect(untouched()).toBe(true)
    const left = readdirSync(place.root, { recursive: true }).filter((name) => String(name).endsWith('.art-tmp'))
    expect(left).toEqual([])
  })

  it('cannot write through a link that stands where models go', async () => {
    symlinkSync(place.base, join(place.root, 'models'))
    serves(
      () => [{ path: 'a', file_size: 1 }],
      () => 'x',
    )
    await expect(pull()).rejects.toMatchObject({ code: 'PATH_UNSAFE' })
    expect(untouched()).toBe(true)
  })

  it.each([
    ['no pointer', 'hello'],
    ['another oid', `art: 1\npath: m.pth\noid: sha256:${'b'.repeat(64)}\nsize: 1\n`],
    ['a path that leads elsewhere', `art: 1\npath: ../m.pth\noid: sha256:${'a'.repeat(64)}\nsize: 1\n`],
  ])('gives as a reference %s: an error', async (_, text) => {
    const tags = { 'art.artifact': 'reference', 'art.path': 'models/m.pth', 'art.oid': `sha256:${'a'.repeat(64)}` }
    const list = Object.entries(tags).map(([key, value]) => ({ key, value }))
    serves(
      () => [{ path: 'm.pth.art', file_size: text.length }],
      () => text,
      { tags: list },
    )
    const { models, failed } = await pull()
    expect(models).toEqual([])
    expect(failed).toHaveLength(1)
    expect(untouched()).toBe(true)
  })

  it('has figures that would break a pointer, or are secrets: they stay out, and it can be read', async () => {
    serves(
      () => [{ path: 'a.bin', file_size: 1 }],
      () => 'x',
      { description: 'a\n#: b\u0000' },
    )
    const { answer } = fake
    const metrics = ['ok', '__proto__', '<<', ' ', 'a: b\nc', 'x'.repeat(400)].map((key) => ({
      key,
      value: 1,
      step: 2,
    }))
    const params = [
      { key: 'password', value: 'x' },
      { key: 'lr', value: '1e-3' },
      { key: 'n', value: '3' },
      ...Array.from({ length: 200 }, (_, i) => ({ key: `p${i}`, value: 'v'.repeat(3000) })),
    ]
    fake.answer = (received, response) =>
      received.path.includes('/runs/get')
        ? json(response, {
            run: { info: { run_id: 'r', artifact_uri: 'mlflow-artifacts:/1/r' }, data: { metrics, params } },
          })
        : answer(received, response)
    const { models } = await pull()
    expect(models).toMatchObject([{ state: 'adopted', path: 'models/m_v0.0.1.bin' }])
    const pointer = readFileSync(join(place.root, 'models/m_v0.0.1.bin.art'), 'utf8')
    expect(pointer).toContain('metrics:\n  ok: 1\n')
    expect(pointer).toMatch(/^ {2}lr: "?1e-3"?$/m)
    expect(pointer).toContain('n: 3\n')
    expect(pointer).not.toContain('password')
    expect(pointer.length).toBeLessThan(6000)
    expect((await pull()).models).toMatchObject([{ state: 'unchanged' }])
  })
})

describe('models.yaml after a pull', () => {
  const write = async (told: Record<string, string>): Promise<string> => {
    const tags = Object.entries(told).map(([key, value]) => ({ key: `art.${key}`, value }))
    serves(
      () => [{ path: 'a.bin', file_size: 1 }],
      () => 'x',
      { tags },
    )
    expect((await pull()).failed).toEqual([])
    return readFileSync(join(place.root, 'models.yaml'), 'utf8')
  }

  it('says what art has told of the model with its tags', async () => {
    expect(
      await write({ title: 'SimpleCNN', dataset: 'cifar10', task: 'images', metric: 'val_acc', direction: 'highest' }),
    ).toBe(`models:
  m:
    path: models/m_v0.0.1.bin
    title: SimpleCNN
    dataset: cifar10
    task: images
    metric: val_acc
    direction: highest
`)
  })

  it('takes nothing over that a person would not have written', async () => {
    const text = await write({ title: 'a\u001b[31m', dataset: 'd'.repeat(300), direction: 'sideways', task: ' ' })
    expect(text).toBe('models:\n  m:\n    path: models/m_v0.0.1.bin\n')
  })
})

describe('the server that is asked', () => {
  const credentials = { MLFLOW_TRACKING_TOKEN: 'secret-token' }

  it('is none that only the committed configuration names, until the user says so', async () => {
    place.write(
      '.art/config.yaml',
      `${place.read('.art/config.yaml')}mlflow:\n  uri: http://stranger.example.org:5000\n`,
    )
    for (const verb of [mlflowPush, mlflowPull]) {
      await expect(verb(await place.open(place.root, credentials), [])).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        hint: expect.stringContaining('core.trusted_endpoints http://stranger.example.org:5000') as string,
      })
    }
    // What the user names wins, and needs no approval.
    fake.answer = (_, response) => json(response, { registered_models: [] })
    const environment = { ...credentials, MLFLOW_TRACKING_URI: fake.url }
    expect((await mlflowPull(await place.open(place.root, environment), [])).server).toBe(fake.url)
    expect(fake.received[0]!.headers.authorization).toBe('Bearer secret-token')
  })

  it('must be named', async () => {
    await expect(mlflowPush(await place.open(), [])).rejects.toMatchObject({ code: 'USAGE' })
    const folder = { MLFLOW_TRACKING_URI: 'sqlite:///mlflow.db' }
    await expect(mlflowPush(await place.open(place.root, folder), [])).rejects.toMatchObject({ code: 'USAGE' })
  })

  it('is not asked for a release that is not there', async () => {
    place.commit()
    const { failed } = await mlflowPush(await place.open(), ['absent@v1.0.0'], { uri: fake.url })
    expect(failed).toMatchObject([{ path: 'absent@v1.0.0', code: 'NOT_FOUND' }])
    expect(fake.received).toEqual([])
  })
})
