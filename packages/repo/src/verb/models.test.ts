import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { filesOfCommit } from '../registry/current-files.ts'
import type { TemporaryRepo } from '../temporary-repo.ts'
import { checkModels } from './models-check.ts'
import { fixModels } from './models-fix.ts'
import { models } from './models.ts'
import { annotated, check, fix, release, repositoryWithModel } from './temporary-releases.ts'

let place: TemporaryRepo
beforeEach(async () => {
  place = await repositoryWithModel()
})
afterEach(() => place.remove())

test('tags of strangers end in records or are named, never in an error', async () => {
  await release(place, '1.0.0')
  place.git('tag', 'cnn@v1.0.1')
  place.git(
    'tag',
    '-a',
    '-m',
    `x\n\nart: 1\npath: ../../etc/passwd\noid: sha256:${'f'.repeat(64)}\nsize: -1`,
    'cnn@v1.0.2',
  )
  place.git(
    'tag',
    '-a',
    '-m',
    `x\n\nart: 1\npath: "a\\u001b[31m<b>.pth"\noid: sha256:${'e'.repeat(64)}\nsize: 5\ngit_commit: zz`,
    'evil@v1.0.0',
  )
  place.git('tag', '-a', '-m', 'x', 'unknown@v1.0.0')
  place.git('tag', '-a', '-m', 'x', '__proto__x@v1.0.0', 'HEAD')
  place.git('tag', '-a', '-m', 'x', 'constructor@v1.0.0', 'HEAD')
  Object.assign(place.environment, { GIT_COMMITTER_DATE: '@0 +0000' })
  place.git('tag', '-a', '-m', 'x', 'cnn@v1.0.3')
  const fixed = await fix(place)
  expect(fixed.undescribed.sort()).toEqual(['constructor@v1.0.0', 'unknown@v1.0.0'])
  const { registry = '', metadata } = await filesOfCommit(await place.open(), 'HEAD')
  const { models: entries } = JSON.parse(registry) as {
    models: { tag: string; path: string; size: number; created: string }[]
  }
  expect(entries.map(({ tag, path, size }) => [tag, path, size])).toEqual([
    ['cnn@v1.0.0', 'models/cnn_best.pth', 3],
    ['cnn@v1.0.1', 'models/cnn_best.pth', 3],
    ['cnn@v1.0.2', 'models/cnn_best.pth', 3],
    ['cnn@v1.0.3', 'models/cnn_best.pth', 3],
    ['evil@v1.0.0', 'a\u001b[31m<b>.pth', 5],
  ])
  expect(entries[3]!.created).toBe('1970-01-01T00:00:00Z')
  expect(registry + [...metadata.values()].join('') + place.read('MODELS.md')).not.toContain('\u001b')
  expect((await check(place)).ok).toBe(true)
})

describe('art models', () => {
  test('lists what models.yaml and tags name, with the latest version and its stages', async () => {
    place.write('models.yaml', 'models:\n  cnn: {path: models/cnn_best.pth, metric: val_acc}\n  zero: zero.pth\n')
    await release(place, '1.0.0')
    await release(place, '1.1.0', { digit: 'b' })
    await release(place, '2.0.0-rc.1', { digit: 'c' })
    annotated(place, 'cnn#prod#1', { commit: 'cnn@v1.0.0^{commit}' })
    annotated(place, 'cnn#dev#2')
    expect((await models(await place.open())).models).toEqual([
      {
        name: 'cnn',
        path: 'models/cnn_best.pth',
        latest: '1.1.0',
        created: expect.stringMatching(/^2025-/),
        versions: 3,
        stages: { prod: '1.0.0', dev: '2.0.0-rc.1' },
        status: 'released',
        oid: 'b'.repeat(64),
        metric: { name: 'val_acc', value: 0.11, direction: 'highest' },
      },
      { name: 'zero', path: 'zero.pth', latest: null, versions: 0, stages: {} },
    ])
    await expect(models(await place.open(), { names: ['cn'] })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hint: 'Did you mean cnn?',
    })
  })

  test('archived and deprecated versions say so', async () => {
    await release(place, '1.0.0')
    place.write('models.yaml', 'models: {cnn: {path: models/cnn_best.pth, archived: ["1.0.0"]}}\n')
    expect((await models(await place.open())).models[0]).toMatchObject({ status: 'archived' })
    place.write('models.yaml', 'models: {cnn: models/cnn_best.pth}\n')
    place.git('tag', '-a', '-m', 'x', 'cnn@deprecated')
    expect((await models(await place.open())).models[0]).toMatchObject({ status: 'deprecated' })
  })
})

test('1,000 releases cost a handful of git processes', async () => {
  const stream: string[] = []
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`
  for (let i = 0; i < 1000; i++) {
    const oid = i.toString(16).padStart(64, '0')
    const pointer = `art: 1\npath: cnn_best.pth\noid: sha256:${oid}\nsize: ${i}\ncheckpoint:\n  format: pytorch\n  val_acc: 0.${i + 1}\n`
    const person = `T <t@example.org> ${1_700_000_000 + i} +0000`
    stream.push(
      `commit refs/heads/main\nmark :${i + 1}\ncommitter ${person}\n${data('x')}`,
      `M 100644 inline models/cnn_best.pth.art\n${data(pointer)}`,
      `M 100644 inline models.yaml\n${data('models: {cnn: models/cnn_best.pth}\n')}`,
      `M 100644 inline .art/config.yaml\n${data(place.read('.art/config.yaml'))}`,
      `tag cnn@v1.${i}.0\nfrom :${i + 1}\ntagger ${person}\n${data('x')}`,
    )
  }
  execFileSync('git', ['fast-import', '--quiet', '--force'], {
    cwd: place.root,
    env: place.environment,
    input: stream.join(''),
  })
  place.git('reset', '--quiet', '--hard')
  const trace = join(place.base, 'trace')
  const traced = await place.open(place.root, { GIT_TRACE2_EVENT: trace })
  const started = () => readFileSync(trace, 'utf8').match(/"event":"start"/g)!.length
  const fixed = await fixModels(traced, { commit: false })
  expect(fixed.files).toHaveLength(1002)
  expect(started()).toBeLessThan(15)
  rmSync(trace)
  expect(await checkModels(traced)).toMatchObject({ ok: true, releases: 1000, behind: [] })
  expect(started()).toBeLessThan(15)
}, 120_000)
