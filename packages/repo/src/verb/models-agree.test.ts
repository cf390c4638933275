import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { init } from './init.ts'
import { checkModels } from './models-check.ts'
import { fixModels } from './models-fix.ts'
import { annotated, check, fix, pass, release, repositoryWithModel } from './temporary-releases.ts'

let place: TemporaryRepo
beforeEach(async () => {
  place = await repositoryWithModel()
})
afterEach(() => place.remove())

describe('files and tags', () => {
  test('what a tag says is missing first, then made and committed, then agrees', async () => {
    await release(place, '1.0.0')
    expect((await check(place)).ok).toBe(false)
    place.write('other.txt', 'staged, and none of this commit')
    place.git('add', 'other.txt')
    const fixed = await fix(place)
    expect(fixed.files.map(({ path }) => path)).toEqual([
      'models/registry.json',
      'MODELS.md',
      'models/cnn_v1.0.0_metadata.yaml',
    ])
    expect(place.git('rev-parse', 'HEAD')).toBe(fixed.commit)
    expect(place.git('status', '--short')).toBe('A  other.txt')
    expect(await check(place)).toEqual({ ok: true, releases: 1, disagreements: [], behind: [], undescribed: [] })
    expect(await fix(place)).toEqual({ files: [], disagreements: [], undescribed: [] })
  })

  test('with nothing released there is nothing to say', async () => {
    expect(await check(place)).toMatchObject({ ok: true, releases: 0 })
    place.commit()
    expect(await check(place)).toMatchObject({ ok: true, releases: 0 })
    expect((await fix(place)).files).toEqual([])
  })

  test('a hand-edited file is named, with the release and what is wrong', async () => {
    await release(place, '1.0.0')
    await release(place, '1.1.0', { digit: 'b' })
    await fix(place)
    place.write(
      'models/registry.json',
      place.read('models/registry.json').replace('"accuracy": 0.11', '"accuracy": 0.99'),
    )
    place.write(
      'models/cnn_v1.0.0_metadata.yaml',
      place.read('models/cnn_v1.0.0_metadata.yaml').replace('val_acc: 0.1', 'val_acc: 0.5'),
    )
    place.write('MODELS.md', place.read('MODELS.md').replace('0.11 (val', '0.9 (val'))
    expect((await check(place)).disagreements).toEqual([
      { path: 'models/registry.json', release: 'cnn@v1.1.0', message: 'accuracy is 0.99, and should be 0.11' },
      { path: 'MODELS.md', release: 'cnn@v1.1.0', message: 'its section says "- **Accuracy**: 0.9 (val_acc)"' },
      {
        path: 'models/cnn_v1.0.0_metadata.yaml',
        release: 'cnn@v1.0.0',
        message: 'metrics.val_acc is 0.5, and should be 0.1',
      },
    ])
    await expect(fix(place)).rejects.toMatchObject({ code: 'WOULD_OVERWRITE', path: 'models/registry.json' })
    expect((await fix(place, { commit: false })).files).toHaveLength(3)
    expect(place.git('status', '--short')).toBe('')
    expect((await check(place)).ok).toBe(true)
  })

  test('an edit that was committed is taken back by a commit', async () => {
    await release(place, '1.0.0')
    await fix(place)
    place.write('models/registry.json', place.read('models/registry.json').replace('"released"', '"production"'))
    place.commit('tampered')
    expect((await check(place)).disagreements[0]!.message).toBe('status is "production", and should be "released"')
    expect((await fix(place)).commit).toBeDefined()
    expect((await check(place)).ok).toBe(true)
  })

  test('of a status that was written by hand it is told which command keeps it', async () => {
    place.write('models/registry.json', '{"models": [{"name": "cnn", "version": "1.0.0", "status": "production"}]}\n')
    await release(place, '1.0.0')
    const told: unknown[] = []
    const onEvent = (event: unknown) => void told.push(event)
    expect((await fix(place, { onEvent })).files).toHaveLength(3)
    expect(told).toEqual([
      { type: 'warning', message: expect.stringMatching(/to keep it, run `art stage cnn@v1\.0\.0 production`$/) },
    ])
    await fix(place, { onEvent })
    expect(told).toHaveLength(1)
  })

  test('a tag that is newer than HEAD is behind, and no error; as is one of the second after the commit that has it', async () => {
    await release(place, '1.0.0')
    await fix(place)
    annotated(place, 'cnn#staging#1', { commit: 'cnn@v1.0.0^{commit}' })
    expect(await check(place)).toMatchObject({ ok: true, behind: ['cnn#staging#1'] })
    await fix(place)
    expect(place.read('models/registry.json')).toContain('"stages": ["staging"]')
    expect(await check(place)).toMatchObject({ ok: true, behind: [] })
    annotated(place, 'cnn#production#2', { commit: 'cnn@v1.0.0^{commit}' })
    await release(place, '1.1.0', { later: 1, digit: 'b' })
    // The commit is newer than the stage, and does not tell of it.
    expect(await check(place)).toMatchObject({ ok: false, behind: ['cnn@v1.1.0'] })
    await fix(place)
    expect(await check(place)).toMatchObject({ ok: true, behind: [], releases: 2 })
  })

  test('an edit of what is newest is found, though its tag is newer than HEAD', async () => {
    await release(place, '1.0.0')
    await fix(place)
    pass(place, -1000)
    place.git('commit', '--quiet', '--amend', '--no-edit')
    expect(await check(place)).toMatchObject({ ok: true, behind: [] })
    for (const path of ['models/registry.json', 'MODELS.md', 'models/cnn_v1.0.0_metadata.yaml']) {
      const text = place.read(path)
      place.write(path, text.replace(/0\.1\b/, '0.7'))
      expect((await check(place)).disagreements.map((one) => one.path)).toEqual([path])
      place.write(path, text)
    }
  })

  test('a tag that HEAD does not reach is not asked for, and may be told of', async () => {
    await release(place, '1.0.0')
    await fix(place)
    place.git('switch', '--quiet', '-c', 'hotfix')
    await release(place, '1.0.1', { digit: 'c' })
    place.git('switch', '--quiet', 'main')
    expect(await check(place)).toMatchObject({ ok: true, behind: [] })
    expect((await fix(place)).files).toHaveLength(3)
    expect(await check(place)).toMatchObject({ ok: true, behind: [] })
  })

  test('a version that was taken back goes from the files, and one whose tag was deleted', async () => {
    await release(place, '1.0.0')
    await release(place, '1.1.0', { digit: 'b' })
    await fix(place)
    annotated(place, 'cnn@v1.1.0!', { commit: 'cnn@v1.1.0^{commit}' })
    expect(await check(place)).toMatchObject({ ok: true, behind: ['cnn@v1.1.0!'] })
    expect((await fix(place)).files).toContainEqual({ path: 'models/cnn_v1.1.0_metadata.yaml', state: 'removed' })
    expect(place.read('MODELS.md')).not.toContain('v1.1.0')
    place.git('tag', '-d', 'cnn@v1.0.0')
    expect((await check(place)).disagreements.map(({ message }) => message)).toEqual([
      'it has an entry, and no tag',
      'it has a section, and no tag',
      'it has a metadata file, and no tag',
    ])
    await fix(place)
    expect(place.git('ls-files', 'models')).toBe('models/cnn_best.pth.art\nmodels/registry.json')
  })

  test.each([
    ['without tags', ['--no-tags'], 'git fetch --tags'],
    ['that is shallow', ['--depth=1'], 'git fetch --unshallow --tags'],
  ])('a clone %s cannot be compared, and the command that helps is named', async (_, flags, command) => {
    await release(place, '1.0.0')
    await fix(place)
    const clone = join(place.base, 'clone')
    place.git('clone', '--quiet', ...flags, `file://${place.root}`, clone)
    const repo = await place.open(clone)
    for (const work of [checkModels(repo), fixModels(repo)])
      await expect(work).rejects.toMatchObject({ code: 'GIT', hint: expect.stringContaining(command) })
    place.gitIn(clone, ...command.split(' ').slice(1))
    expect((await checkModels(await place.open(clone))).ok).toBe(true)
  })

  test('a repository below that of git has files, and tags, of its own', async () => {
    const sub = await TemporaryRepo.create({ name: 'top' })
    try {
      sub.git('mv', '-k', '.art', 'x')
      rmSync(join(sub.root, '.art'), { recursive: true })
      sub.write('cv/models.yaml', 'models: {cnn: models/cnn.pth}\n')
      await init({ cwd: join(sub.root, 'cv'), subdir: true, environment: sub.environment })
      await sub.pointer('cv/models/cnn.pth')
      sub.commit()
      sub.git('tag', '-a', '-m', 'x', 'cv=cnn@v1.0.0')
      sub.git('tag', '-a', '-m', 'x', 'cnn@v7.0.0')
      const repo = await sub.open(join(sub.root, 'cv'))
      await fixModels(repo)
      expect(sub.git('ls-files', 'cv/models', 'cv/MODELS.md').split('\n')).toEqual([
        'cv/MODELS.md',
        'cv/models/cnn.pth.art',
        'cv/models/cnn_v1.0.0_metadata.yaml',
        'cv/models/registry.json',
      ])
      expect((await checkModels(repo)).ok).toBe(true)
    } finally {
      sub.remove()
    }
  })
})
