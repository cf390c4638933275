import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eachRepository, freshName, place, store, work } from './fresh.ts'
import { DATA, type Work } from './harness.ts'
import { expectProblem } from './problem.ts'
import {
  firstRelease,
  modelFile,
  modelsFile,
  NET,
  PATH,
  ready,
  reasons,
  refsOf,
  type Released,
  RESNET,
} from './release-model.ts'

eachRepository({ remote: true })

describe('a release', () => {
  test('is an annotated tag on one commit with the files that tell of it', async () => {
    const released = await firstRelease(work)
    expect(released).toMatchObject({
      version: '1.0.0',
      from: null,
      tag: 'resnet@v1.0.0',
      branch: 'main',
      assumed: false,
    })
    expect(await work.git('rev-parse', 'HEAD', 'HEAD^')).toBe(`${released.commit}\n${released.gitCommit}`)
    expect(await work.git('rev-parse', 'resnet@v1.0.0^{commit}')).toBe(released.commit)
    expect(await work.git('cat-file', '-t', 'resnet@v1.0.0')).toBe('tag')
    expect((await work.git('show', '--name-only', '--format=', 'HEAD')).split('\n').sort()).toEqual([
      'MODELS.md',
      'models/registry.json',
      'models/resnet_v1.0.0_metadata.yaml',
    ])
    expect(await work.git('status', '--porcelain')).toBe('')
    const message = await work.git('tag', '-l', '--format=%(contents)', 'resnet@v1.0.0')
    expect(message).toContain(`oid: sha256:${released.oid}`)
    expect(message).toContain(`git_commit: ${released.gitCommit}`)
    const metadata = readFileSync(work.path('models/resnet_v1.0.0_metadata.yaml'), 'utf8')
    const date = await work.git('tag', '-l', '--format=%(creatordate:unix)', 'resnet@v1.0.0')
    expect(metadata).toContain(new Date(Number(date) * 1000).toISOString().slice(0, 19))
    await work.ok('models', '--check', '--strict')
  })

  test('reads like this', async () => {
    await firstRelease(work)
    await ready(work, PATH, modelFile(NET, { val_acc: 0.82, fill: 1 }), {
      'models.yaml': modelsFile({ resnet: { ...RESNET.resnet, dataset: 'CIFAR-100' } }),
    })
    await work.git('remote', 'add', 'origin', place.path('nowhere'))
    const { stdout } = await work.ok('release', 'resnet', '-m', 'Better')
    expect(stdout.replace(/[0-9a-f]{10,12}/g, '<hash>')).toBe(`resnet 1.0.0 → 1.1.0
  because  the dataset changed: CIFAR-10 → CIFAR-100
  model    models/resnet_best.safetensors, 232 B, 14 parameters, <hash>
  metrics  val_acc 0.8 → 0.82
  on main  ~ models/registry.json
           ~ MODELS.md
           + models/resnet_v1.1.0_metadata.yaml
  tag      resnet@v1.1.0 on <hash>
next: git push --follow-tags --atomic origin main resnet@v1.1.0
`)
    expect(await work.git('log', '-1', '--format=%B')).toBe('Release resnet 1.1.0\n\nBetter')
  })

  test('of a model that models.yaml does not have is found by its name', async () => {
    await ready(work, PATH, modelFile(NET))
    const { path, assumed } = await work.json<Released>('release', 'resnet')
    expect({ path, assumed }).toEqual({ path: PATH, assumed: true })
    await ready(work, 'models/cnn.pth', modelFile(NET, { fill: 1 }))
    await ready(work, 'other/cnn_best.pth', modelFile(NET, { fill: 2 }))
    await expectProblem(work, ['release', 'cnn'], { code: 'NOT_FOUND', path: 'cnn', hint: /models\.yaml/ })
  })

  test('in a dry run is told and not made', async () => {
    await ready(work, PATH, modelFile(NET))
    const before = await refsOf(work)
    expect(await work.json<Released>('release', 'resnet', '-n')).toMatchObject({ version: '1.0.0', commit: null })
    expect(await refsOf(work)).toBe(before)
    expect(await work.git('status', '--porcelain')).toBe('')
  })

  test('is made from a sub-folder, and in a folder of a larger repository', async () => {
    const name = freshName('larger')
    const larger = await place.repository(name, { art: false })
    larger.write('team/x', '')
    const cv = (await place.repository(`${name}/team`, { art: false })) && larger
    rmSync(larger.path('team/.git'), { recursive: true })
    const team = new (cv.constructor as typeof Work)(place, larger.path('team'))
    await team.ok('init', '--subdir')
    await team.ok('remote', 'add', '-d', 'origin', `${store}-larger`)
    await ready(team, PATH, modelFile(NET))
    const models = new (cv.constructor as typeof Work)(place, larger.path('team/models'))
    const released = await models.json<Released>('release', 'resnet')
    expect(released).toMatchObject({ path: 'resnet_best.safetensors', tag: 'team=resnet@v1.0.0' })
    expect(released.files.map(({ path }) => path).sort()).toEqual([
      '../MODELS.md',
      'registry.json',
      'resnet_v1.0.0_metadata.yaml',
    ])
    expect(await larger.git('status', '--porcelain')).toBe('')
  })

  test('has the form of a tag that the team wants', async () => {
    await ready(work, PATH, modelFile(NET), {
      'models.yaml': modelsFile({ resnet: { path: PATH, tag_format: '"model-v{version}"' } }),
    })
    expect((await work.json<Released>('release', 'resnet')).tag).toBe('model-v1.0.0')
    await ready(work, PATH, modelFile(NET, { fill: 1 }))
    expect(await work.json<Released>('release', 'resnet')).toMatchObject({ tag: 'model-v1.0.1', from: '1.0.0' })
  })

  test('keeps what is not tracked, and the text that people wrote around the sections', async () => {
    work.write('MODELS.md', '# Our models\n\nBe careful.\n')
    await ready(work, PATH, modelFile(NET))
    work.write('notes.txt', 'mine')
    await work.ok('release', 'resnet')
    expect(readFileSync(work.path('MODELS.md'), 'utf8')).toMatch(/^# Our models\n\nBe careful\.\n/)
    expect(await work.git('status', '--porcelain')).toBe('?? notes.txt')
  })
})

describe('the version', () => {
  test('grows as the change asks for', async () => {
    await firstRelease(work)
    await ready(work, PATH, modelFile(NET, { val_acc: 0.81, fill: 1 }))
    expect(await work.json<Released>('release', 'resnet')).toMatchObject({
      version: '1.0.1',
      bump: 'patch',
      metrics: [{ name: 'val_acc', before: 0.8, after: 0.81 }],
    })
    await ready(work, PATH, modelFile(NET, { val_acc: 0.86, fill: 2 }))
    expect(await work.json<Released>('release', 'resnet')).toMatchObject({ version: '2.0.0', bump: 'major' })
    await ready(work, PATH, modelFile({ ...NET, 'fc.weight': [5, 2] }, { val_acc: 0.86, fill: 3 }))
    const { version, why } = await work.json<Released>('release', 'resnet')
    expect({ version, why }).toEqual({ version: '3.0.0', why: ['the architecture changed: fc.weight [4, 2] → [5, 2]'] })
    await work.ok('models', '--check', '--strict')
  })

  test('is compared in a clone that has no content, by what the remote has', async () => {
    await firstRelease(work)
    await ready(work, PATH, modelFile({ ...NET, 'new.bias': [7] }, { val_acc: 0.8 }))
    const clone = await place.clone(work.folder, freshName('clone'))
    expect(await clone.json<Released>('release', 'resnet', '-n')).toMatchObject({ version: '2.0.0', from: '1.0.0' })
  })

  test('is what the user says: a bump, a version, a pre-release, a lower one with a note', async () => {
    await ready(work, PATH, modelFile(NET))
    expect((await work.json<Released>('release', 'resnet', '--version', 'v1.0.0-rc.1')).version).toBe('1.0.0-rc.1')
    // What it has prepared may be equal to it.
    expect((await work.json<Released>('release', 'resnet')).version).toBe('1.0.0')
    await ready(work, PATH, modelFile(NET, { fill: 1 }))
    const bumped = await work.json<Released>('release', 'resnet', '--bump', 'major', '-n')
    expect(bumped.version).toBe('2.0.0')
    expect(bumped.why.join()).toContain('the facts ask for patch')
    const lower = await work.json<Released>('release', 'resnet', '--version', '0.5.0')
    expect(lower.notes).toEqual(['0.5.0 is lower than 1.0.0, which stays the latest'])
  })

  test('that is taken, or none, is refused', async () => {
    await firstRelease(work)
    await ready(work, PATH, modelFile(NET, { fill: 1 }))
    await expectProblem(work, ['release', 'resnet', '--version', '1.0.0'], {
      code: 'TAG_EXISTS',
      path: 'resnet@v1.0.0',
    })
    await expectProblem(work, ['release', 'resnet', '--version', '1.x'], { code: 'USAGE', path: '1.x', exit: 2 })
    await expectProblem(work, ['release', 'resnet', '--version', '2.0.0', '--bump', 'major'], {
      code: 'USAGE',
      exit: 2,
    })
  })

  test('passes over one that was taken back, and tags that are none', async () => {
    await firstRelease(work)
    for (const tag of [
      'resnet@v1.1',
      'resnet@vnext',
      'resnet@v1.0.1',
      'resnet@v1.0.1!',
      'resnet@v9.9.9-$(reboot)',
      '\u202eresnet',
    ])
      await work.git('tag', '-m', 'x', tag)
    await ready(work, PATH, modelFile(NET, { val_acc: 0.8, fill: 1 }))
    const { version, notes } = await work.json<Released>('release', 'resnet')
    expect(version).toBe('1.0.2')
    expect(notes.join()).toContain('1.0.1 was taken back')
  })
})

test('where the working tree cannot follow, what stands is said, and how to go on', async () => {
  await ready(work, PATH, modelFile(NET))
  const hook = '#!/bin/sh\n[ "$1" != committed ] || : > .git/index.lock\n'
  writeFileSync(work.path('.git/hooks/reference-transaction'), hook, { mode: 0o755 })
  const { code, stderr } = await work.art('release', 'resnet')
  expect(code).toBe(1)
  expect(stderr).toMatch(/the release stands, but the working tree could not follow.*index\.lock/)
  rmSync(work.path('.git/hooks/reference-transaction'))
  rmSync(work.path('.git/index.lock'))
  const [, command = ''] = /Run `(git checkout [^`]*)`/.exec(stderr) ?? []
  await work.git(...command.split(' ').slice(1))
  expect(await work.git('status', '--porcelain')).toBe('')
  await work.ok('models', '--check', '--strict')
})

test('what a killed release left is brought along by the next', async () => {
  await firstRelease(work)
  await ready(work, PATH, readFileSync(join(DATA, 'simple_cnn.pth')))
  await work.ok('release', 'resnet')
  const files = ['MODELS.md', 'models/registry.json']
  // As it is right after the references have moved.
  await work.git('restore', '--source=HEAD^', '--staged', '--worktree', ...files)
  expect(await work.git('status', '--porcelain')).not.toBe('')
  expect(await reasons(work)).toMatch(/same content already/)
  expect(await work.git('status', '--porcelain')).toBe('')
})
