import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { filesOfCommit } from '../registry/current-files.ts'
import { TemporaryRepo } from '../temporary-repo.ts'
import { models } from './models.ts'
import { checkModels } from './models-check.ts'
import { fixModels } from './models-fix.ts'

let place: TemporaryRepo
beforeEach(async () => {
  place = await TemporaryRepo.create()
  place.write('models.yaml', '# ours\nmodels:\n  cnn: {path: models/cnn_best.pth, title: CNN}\n')
})
afterEach(() => place.remove())

/** Commits a version's pointer, and tags it in the same second or later. */
async function release(version: string, { later = 0, digit = 'a', tag = true } = {}): Promise<void> {
  const checkpoint = new Map<string, number | string>([
    ['format', 'pytorch'],
    ['val_acc', Number(`0.${version.replaceAll('.', '')}`)],
  ])
  await place.pointer('models/cnn_best.pth', digit, { checkpoint })
  pass(10)
  place.commit(`version ${version}`)
  if (tag) annotated(`cnn@v${version}`, { later })
}

let clock = 1_764_150_000
function pass(seconds: number): void {
  clock += seconds
  const date = `@${clock} +0000`
  Object.assign(place.environment, { GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date })
}

function annotated(name: string, { later = 10, commit = 'HEAD' } = {}): void {
  pass(later)
  place.git('tag', '-a', '-m', name, name, commit)
}

async function check() {
  return await checkModels(await place.open())
}

async function fix(options?: { commit?: boolean }) {
  pass(10)
  return await fixModels(await place.open(), options)
}

describe('art models --check and --fix', () => {
  test('while git is at work, nothing is committed that the index could not follow', async () => {
    await release('1.0.0')
    const before = place.git('rev-parse', 'HEAD')
    place.write('.git/index.lock', '')
    await expect(fix()).rejects.toMatchObject({ code: 'LOCKED', path: expect.stringContaining('index.lock') })
    rmSync(join(place.root, '.git/index.lock'))
    place.write('.git/MERGE_HEAD', `${before}\n`)
    await expect(fix()).rejects.toMatchObject({ code: 'GIT', hint: expect.stringContaining('git merge --abort') })
    rmSync(join(place.root, '.git/MERGE_HEAD'))
    expect(place.git('rev-parse', 'HEAD')).toBe(before)
    expect(place.git('status', '--porcelain')).toBe('')
  })

  test('where a hook keeps the index from following, what stands is told', async () => {
    await release('1.0.0')
    place.write('.git/hooks/reference-transaction', '#!/bin/sh\n[ "$1" = committed ] && : > .git/index.lock\nexit 0\n')
    chmodSync(join(place.root, '.git/hooks/reference-transaction'), 0o755)
    await expect(fix()).rejects.toMatchObject({
      code: 'GIT',
      message: expect.stringMatching(/^the commit stands, but/),
      hint: expect.stringContaining('git checkout HEAD -- '),
    })
    expect(place.git('log', '-1', '--format=%s')).toBe('Registry files as the tags say')
  })

  test('a page in another encoding is refused, and not a byte of it changed', async () => {
    await release('1.0.0')
    const page = Buffer.from('# Modelle von Müller\n', 'latin1')
    writeFileSync(join(place.root, 'MODELS.md'), page)
    const refusal = { code: 'CONFIG_INVALID', path: 'MODELS.md' }
    await expect(check()).rejects.toMatchObject(refusal)
    await expect(fix({ commit: false })).rejects.toMatchObject(refusal)
    expect(readFileSync(join(place.root, 'MODELS.md')).equals(page)).toBe(true)
  })

  test('what a tag says is missing first, then made and committed, then agrees', async () => {
    await release('1.0.0')
    expect((await check()).ok).toBe(false)
    place.write('other.txt', 'staged, and none of this commit')
    place.git('add', 'other.txt')
    const fixed = await fix()
    expect(fixed.files.map(({ path }) => path)).toEqual([
      'models/registry.json',
      'MODELS.md',
      'models/cnn_v1.0.0_metadata.yaml',
    ])
    expect(place.git('rev-parse', 'HEAD')).toBe(fixed.commit)
    expect(place.git('status', '--short')).toBe('A  other.txt')
    expect(await check()).toEqual({ ok: true, releases: 1, disagreements: [], behind: [], undescribed: [] })
    expect(await fix()).toEqual({ files: [], disagreements: [], undescribed: [] })
  })

  test('with nothing released there is nothing to say', async () => {
    expect(await check()).toMatchObject({ ok: true, releases: 0 })
    place.commit()
    expect(await check()).toMatchObject({ ok: true, releases: 0 })
    expect((await fix()).files).toEqual([])
  })

  test('a hand-edited file is named, with the release and what is wrong', async () => {
    await release('1.0.0')
    await release('1.1.0', { digit: 'b' })
    await fix()
    place.write(
      'models/registry.json',
      place.read('models/registry.json').replace('"accuracy": 0.11', '"accuracy": 0.99'),
    )
    place.write(
      'models/cnn_v1.0.0_metadata.yaml',
      place.read('models/cnn_v1.0.0_metadata.yaml').replace('val_acc: 0.1', 'val_acc: 0.5'),
    )
    place.write('MODELS.md', place.read('MODELS.md').replace('0.11 (val', '0.9 (val'))
    expect((await check()).disagreements).toEqual([
      { path: 'models/registry.json', release: 'cnn@v1.1.0', message: 'accuracy is 0.99, and should be 0.11' },
      { path: 'MODELS.md', release: 'cnn@v1.1.0', message: 'its section says "- **Accuracy**: 0.9 (val_acc)"' },
      {
        path: 'models/cnn_v1.0.0_metadata.yaml',
        release: 'cnn@v1.0.0',
        message: 'metrics.val_acc is 0.5, and should be 0.1',
      },
    ])
    await expect(fix()).rejects.toMatchObject({ code: 'WOULD_OVERWRITE', path: 'models/registry.json' })
    expect((await fix({ commit: false })).files).toHaveLength(3)
    expect(place.git('status', '--short')).toBe('')
    expect((await check()).ok).toBe(true)
  })

  test('an edit that was committed is taken back by a commit', async () => {
    await release('1.0.0')
    await fix()
    place.write('models/registry.json', place.read('models/registry.json').replace('"released"', '"production"'))
    place.commit('tampered')
    expect((await check()).disagreements[0]!.message).toBe('status is "production", and should be "released"')
    expect((await fix()).commit).toBeDefined()
    expect((await check()).ok).toBe(true)
  })

  test('a tag that is newer than HEAD is behind, and no error; as is one of the second after the commit that has it', async () => {
    await release('1.0.0')
    await fix()
    annotated('cnn#staging#1', { commit: 'cnn@v1.0.0^{commit}' })
    expect(await check()).toMatchObject({ ok: true, behind: ['cnn#staging#1'] })
    await fix()
    expect(place.read('models/registry.json')).toContain('"stages": ["staging"]')
    expect(await check()).toMatchObject({ ok: true, behind: [] })
    annotated('cnn#production#2', { commit: 'cnn@v1.0.0^{commit}' })
    await release('1.1.0', { later: 1, digit: 'b' })
    // The commit is newer than the stage, and does not tell of it.
    expect(await check()).toMatchObject({ ok: false, behind: ['cnn@v1.1.0'] })
    await fix()
    expect(await check()).toMatchObject({ ok: true, behind: [], releases: 2 })
  })

  test('an edit of what is newest is found, though its tag is newer than HEAD', async () => {
    await release('1.0.0')
    await fix()
    pass(-1000)
    place.git('commit', '--quiet', '--amend', '--no-edit')
    expect(await check()).toMatchObject({ ok: true, behind: [] })
    for (const path of ['models/registry.json', 'MODELS.md', 'models/cnn_v1.0.0_metadata.yaml']) {
      const text = place.read(path)
      place.write(path, text.replace(/0\.1\b/, '0.7'))
      expect((await check()).disagreements.map((one) => one.path)).toEqual([path])
      place.write(path, text)
    }
  })

  test('a tag that HEAD does not reach is not asked for, and may be told of', async () => {
    await release('1.0.0')
    await fix()
    place.git('switch', '--quiet', '-c', 'hotfix')
    await release('1.0.1', { digit: 'c' })
    place.git('switch', '--quiet', 'main')
    expect(await check()).toMatchObject({ ok: true, behind: [] })
    expect((await fix()).files).toHaveLength(3)
    expect(await check()).toMatchObject({ ok: true, behind: [] })
  })

  test('a version that was taken back goes from the files, and one whose tag was deleted', async () => {
    await release('1.0.0')
    await release('1.1.0', { digit: 'b' })
    await fix()
    annotated('cnn@v1.1.0!', { commit: 'cnn@v1.1.0^{commit}' })
    expect(await check()).toMatchObject({ ok: true, behind: ['cnn@v1.1.0!'] })
    expect((await fix()).files).toContainEqual({ path: 'models/cnn_v1.1.0_metadata.yaml', state: 'removed' })
    expect(place.read('MODELS.md')).not.toContain('v1.1.0')
    place.git('tag', '-d', 'cnn@v1.0.0')
    expect((await check()).disagreements.map(({ message }) => message)).toEqual([
      'it has an entry, and no tag',
      'it has a section, and no tag',
      'it has a metadata file, and no tag',
    ])
    await fix()
    expect(place.git('ls-files', 'models')).toBe('models/cnn_best.pth.art\nmodels/registry.json')
  })

  test.each([
    ['without tags', ['--no-tags'], 'git fetch --tags'],
    ['that is shallow', ['--depth=1'], 'git fetch --unshallow --tags'],
  ])('a clone %s cannot be compared, and the command that helps is named', async (_, flags, command) => {
    await release('1.0.0')
    await fix()
    const clone = join(place.base, 'clone')
    place.git('clone', '--quiet', ...flags, `file://${place.root}`, clone)
    const repo = await place.open(clone)
    for (const work of [checkModels(repo), fixModels(repo)])
      await expect(work).rejects.toMatchObject({ code: 'GIT', hint: expect.stringContaining(command) })
    place.gitIn(clone, ...command.split(' ').slice(1))
    expect((await checkModels(await place.open(clone))).ok).toBe(true)
  })

  test('on a detached HEAD files are written only without a commit', async () => {
    await release('1.0.0')
    place.git('switch', '--quiet', '--detach')
    await expect(fix()).rejects.toMatchObject({ code: 'USAGE', hint: expect.stringContaining('--no-commit') })
    expect((await fix({ commit: false })).commit).toBeUndefined()
    expect((await check()).ok).toBe(true)
  })

  test.each(['models/registry.json', 'MODELS.md', 'models/cnn_v1.0.0_metadata.yaml'])(
    '%s that is a link is refused, and what it leads to stays',
    async (path) => {
      await release('1.0.0')
      const outside = join(place.base, 'outside')
      execFileSync('sh', ['-c', `printf kept > '${outside}'`])
      symlinkSync(outside, join(place.root, path))
      for (const committed of [false, true]) {
        if (committed) place.commit('a link')
        for (const work of [check, fix, () => fix({ commit: false })])
          await expect(work()).rejects.toMatchObject({ code: 'PATH_UNSAFE', path })
      }
      expect(readFileSync(outside, 'utf8')).toBe('kept')
    },
  )

  test('a folder models that is a link is refused', async () => {
    await release('1.0.0')
    rmSync(join(place.root, 'models'), { recursive: true })
    symlinkSync(place.base, join(place.root, 'models'))
    for (const work of [check, fix, () => fix({ commit: false })])
      await expect(work()).rejects.toMatchObject({ code: 'PATH_UNSAFE' })
  })

  test('one file that cannot be read is named, and nothing is written', async () => {
    await release('1.0.0')
    place.write('models/registry.json', '{"models": ')
    place.write('MODELS.md', '<!-- art:release cnn@v1.0.0 -->\n')
    place.commit('broken')
    expect((await check()).disagreements.map(({ path, release: of }) => [path, of])).toEqual([
      ['models/registry.json', undefined],
      ['MODELS.md', undefined],
      ['models/cnn_v1.0.0_metadata.yaml', 'cnn@v1.0.0'],
    ])
    for (const options of [{}, { commit: false }])
      await expect(fix(options)).rejects.toMatchObject({ code: 'CONFIG_INVALID', path: 'models/registry.json' })
    expect(place.git('status', '--short')).toBe('')
  })

  test('a file that is far too large is refused by name', async () => {
    await release('1.0.0')
    place.write('models/registry.json', `{"models": []${' '.repeat(17 << 20)}}`)
    await expect(check()).rejects.toMatchObject({ code: 'CONFIG_INVALID', path: 'models/registry.json' })
    place.commit('large')
    await expect(fix()).rejects.toMatchObject({ code: 'CONFIG_INVALID', path: 'models/registry.json' })
  })

  test('a repository below that of git has files, and tags, of its own', async () => {
    const sub = await TemporaryRepo.create({ name: 'top' })
    try {
      sub.git('mv', '-k', '.art', 'x')
      rmSync(join(sub.root, '.art'), { recursive: true })
      const { init } = await import('./init.ts')
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

test('tags of strangers end in records or are named, never in an error', async () => {
  await release('1.0.0')
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
  const fixed = await fix()
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
  expect((await check()).ok).toBe(true)
})

describe('art models', () => {
  test('lists what models.yaml and tags name, with the latest version and its stages', async () => {
    place.write('models.yaml', 'models:\n  cnn: {path: models/cnn_best.pth, metric: val_acc}\n  zero: zero.pth\n')
    await release('1.0.0')
    await release('1.1.0', { digit: 'b' })
    await release('2.0.0-rc.1', { digit: 'c' })
    annotated('cnn#prod#1', { commit: 'cnn@v1.0.0^{commit}' })
    annotated('cnn#dev#2')
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
    await release('1.0.0')
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
