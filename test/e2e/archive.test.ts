import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { temporaryCheckpoint } from '@art/checkpoint/temporary-checkpoint.ts'
import { formatTagMessage } from '@art/registry/tag/message.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { eachRepository, freshName, place, work } from './fresh.ts'
import { expectProblem } from './problem.ts'

interface Archived {
  archived: { path: string; from: string | null; release?: string; dataDeleted: boolean }[]
  files: string[]
  gitPaths: string[]
}
interface Unarchived {
  unarchived: { path: string | null; from: string; state: string }[]
}

const PATH = 'models/cnn_best.pth'
const AWAY = 'models/archived/cnn_best.pth'
const MODELS = `models:
  # the small one
  cnn:
    path: ${PATH}
`
let first: Buffer
eachRepository({ remote: true })
beforeEach(async () => {
  first = temporaryCheckpoint(2, () => randomBytes(200_000), { epoch: 3, valAcc: 0.8 })
  work.write(PATH, first)
  work.write('models.yaml', MODELS)
  await work.ok('add', PATH)
  await work.commit('model')
})

const has = (path: string): boolean => existsSync(work.path(path))
const read = (path: string): string => readFileSync(work.path(path), 'utf8')
const bytes = (path: string): Buffer => readFileSync(work.path(path))

/** A release as its tag tells it, and the files that go with it. */
async function release(version: string): Promise<void> {
  const oid = /oid: sha256:([0-9a-f]{64})/.exec(read(`${PATH}.art`))![1]!
  const commit = await work.git('rev-parse', 'HEAD')
  const facts = { version, path: PATH, oid, kind: 'f' as const, size: first.length, gitCommit: commit }
  await work.git('tag', '-a', `cnn@v${version}`, '-m', formatTagMessage(`Release cnn ${version}`, facts))
}

describe('art archive', () => {
  test('takes a file out of the workspace, and nothing brings it back by itself', async () => {
    await work.ok('push')
    const found = await work.json<Archived>('archive', PATH)
    expect(found.archived).toMatchObject([{ path: AWAY, from: PATH, dataDeleted: true }])
    expect([has(PATH), has(`${PATH}.art`), has(AWAY), has('models/.gitignore')]).toEqual([false, false, false, false])
    expect(read(`${AWAY}.art`)).toContain(`archived_from: ${PATH}\n`)
    await work.git('add', ...found.gitPaths)
    expect(await work.git('status', '--porcelain', '-uall')).not.toMatch(/\?\?|^.[MD]/m)
    await work.commit('archive')
    for (const verb of ['checkout', 'pull', 'fetch', 'push']) await work.ok(verb)
    expect(has(AWAY)).toBe(false)
    expect((await work.json<{ clean: boolean }>('status')).clean).toBe(true)
    const clone = await place.clone(work.folder, freshName('clone'))
    await clone.ok('pull')
    expect(existsSync(clone.path(AWAY))).toBe(false)
    await clone.ok('pull', AWAY)
    expect(readFileSync(clone.path(AWAY)).equals(first)).toBe(true)
    await clone.ok('check')
    expect((await work.json<Archived>('archive', 'models')).archived).toEqual([])
  })

  test('and back to where it was, from the cache or the remote', async () => {
    await work.ok('push')
    const before = [read(`${PATH}.art`), read('models/.gitignore')]
    await work.ok('archive', 'models')
    expect((await work.json<Unarchived>('unarchive', '-n', PATH)).unarchived).toHaveLength(1)
    expect(has(`${AWAY}.art`)).toBe(true)
    expect((await work.json<Unarchived>('unarchive', AWAY)).unarchived).toMatchObject([{ path: PATH, state: 'ok' }])
    expect(bytes(PATH).equals(first)).toBe(true)
    expect([read(`${PATH}.art`), read('models/.gitignore')]).toEqual(before)
    expect(await work.git('status', '--porcelain', '-uall')).toBe('')
    await work.ok('archive', PATH)
    rmSync(work.path('.art/cache'), { recursive: true })
    const { stdout } = await work.ok('unarchive', 'models/archived')
    expect(stdout).toContain(`art pull ${PATH}`)
    await work.ok('pull')
    expect(bytes(PATH).equals(first)).toBe(true)
  })

  test('refuses what the remote lacks, what changed, and what is in use', async () => {
    await expectProblem(work, ['archive', PATH], { code: 'MISSING_OBJECTS', path: PATH, hint: /art push/ })
    await work.ok('push')
    rmSync(place.path('gone'), { recursive: true, force: true })
    writeFileSync(work.path(PATH), 'training goes on')
    await expectProblem(work, ['archive', PATH], { code: 'WOULD_OVERWRITE', path: PATH })
    expect(read(PATH)).toBe('training goes on')
    await work.ok('checkout', '--force', PATH)
    mkdirSync(work.path('models/archived'), { recursive: true })
    writeFileSync(work.path(AWAY), 'mine')
    await expectProblem(work, ['archive', PATH], { code: 'WOULD_OVERWRITE', path: AWAY })
    expect([has(PATH), read(AWAY)]).toEqual([true, 'mine'])
    rmSync(work.path(AWAY))
    await work.ok('archive', PATH)
    writeFileSync(work.path(PATH), 'another')
    await expectProblem(work, ['unarchive', AWAY], { code: 'WOULD_OVERWRITE', path: PATH })
    expect([read(PATH), has(`${AWAY}.art`)]).toEqual(['another', true])
    await expectProblem(work, ['unarchive', 'absent'], { code: 'NOT_FOUND', path: 'absent' })
    await expectProblem(work, ['archive', '-r', 'nowhere', AWAY], { code: 'REMOTE_UNKNOWN' })
  })

  test('a version is noted as archived, its file goes, and all of it comes back', async () => {
    await release('1.0.0')
    await work.ok('push')
    work.write('models/cnn_v1.0.0.pth', first)
    await work.ok('add', 'models/cnn_v1.0.0.pth')
    await work.commit('kept by hand')
    await work.git('tag', '-a', 'cnn#prod#1', '-m', 'prod', 'cnn@v1.0.0^{commit}')
    await expectProblem(work, ['archive', 'cnn@v1.0.0'], {
      code: 'RELEASE_REFUSED',
      path: 'cnn#prod',
      hint: /art stage/,
    })
    await work.git('tag', '-d', 'cnn#prod#1')
    const found = await work.json<Archived>('archive', 'cnn@v1.0.0')
    expect(found.archived).toMatchObject([
      { from: 'models/cnn_v1.0.0.pth', path: 'models/archived/cnn_v1.0.0.pth', release: 'cnn@v1.0.0' },
    ])
    expect(read('models.yaml')).toBe(`${MODELS}    archived: [1.0.0]\n`)
    expect(found.files).toContain('models/registry.json')
    expect(JSON.parse(read('models/registry.json'))).toMatchObject({ models: [{ status: 'archived' }] })
    expect([has('models/cnn_v1.0.0.pth'), has(PATH)]).toEqual([false, true])
    const files = [read('models/registry.json'), read('MODELS.md'), read('models.yaml')]
    await work.ok('archive', 'cnn@v1.0.0')
    expect([read('models/registry.json'), read('MODELS.md'), read('models.yaml')]).toEqual(files)
    const back = await work.json<Unarchived>('unarchive', 'cnn@v1.0.0')
    expect(back.unarchived).toMatchObject([{ path: 'models/cnn_v1.0.0.pth', state: 'ok' }])
    expect(read('models.yaml')).toBe(MODELS)
    expect(JSON.parse(read('models/registry.json'))).toMatchObject({ models: [{ status: 'released' }] })
  })

  test('a version that history alone has gets a pointer in the archive', async () => {
    await release('1.0.0')
    await work.ok('push')
    work.write(
      PATH,
      temporaryCheckpoint(1, () => randomBytes(5000), { epoch: 4 }),
    )
    await work.ok('add', PATH)
    await work.commit('better')
    const found = await work.json<Archived>('archive', 'cnn@v1.0.0')
    expect(found.archived).toMatchObject([{ from: null, path: 'models/archived/cnn_v1.0.0.pth', dataDeleted: false }])
    await work.commit('archive')
    await work.ok('pull', 'models/archived/cnn_v1.0.0.pth')
    expect(bytes('models/archived/cnn_v1.0.0.pth').equals(first)).toBe(true)
    await work.ok('unarchive', 'cnn@v1.0.0')
    expect([has('models/archived/cnn_v1.0.0.pth'), has('models/archived/cnn_v1.0.0.pth.art')]).toEqual([false, false])
  })

  test('a copy in a tar.gz is complete, and the same each time', async () => {
    work.write('models/set/a.bin', randomBytes(3000))
    work.write('models/set/sub/large.bin', randomBytes(1_200_000))
    await work.ok('add', 'models/set')
    await work.commit('set')
    await work.ok('push')
    const contents = ['set/a.bin', 'set/sub/large.bin'].map((name) => bytes(`models/${name}`))
    await work.ok('archive', 'models', '--tar', 'out.tar.gz')
    mkdirSync(work.path('unpacked'))
    execFileSync('tar', ['-xzf', work.path('out.tar.gz'), '-C', work.path('unpacked')])
    expect(bytes(`unpacked/${AWAY}`).equals(first)).toBe(true)
    expect(read(`unpacked/${AWAY}.art`)).toBe(read(`${AWAY}.art`))
    for (const [i, name] of ['a.bin', 'sub/large.bin'].entries())
      expect(bytes(`unpacked/models/archived/set/${name}`).equals(contents[i]!)).toBe(true)
    rmSync(work.path('unpacked'), { recursive: true })
    await work.ok('unarchive', 'models/archived')
    await expectProblem(work, ['archive', 'models', '--tar', 'out.tar.gz'], {
      code: 'WOULD_OVERWRITE',
      path: 'out.tar.gz',
    })
    expect(has(PATH)).toBe(true)
    await work.ok('archive', 'models', '--tar', 'again.tar.gz')
    expect(bytes('again.tar.gz').equals(bytes('out.tar.gz'))).toBe(true)
  })

  test('a damaged cache makes no tar.gz, and nothing moves', async () => {
    const large = randomBytes(1_500_000)
    work.write('models/large.pth', large)
    await work.ok('add', 'models/large.pth')
    await work.commit('large')
    await work.ok('push')
    const oid = /oid: sha256:([0-9a-f]{64})/.exec(read('models/large.pth.art'))![1]!
    const object = work.path('.art/cache/objects', oid.slice(0, 2), oid.slice(2))
    const stat = execFileSync('stat', ['-c', '%y', object]).toString().trim()
    execFileSync('chmod', ['u+w', object])
    writeFileSync(object, Buffer.concat([large.subarray(1), Buffer.from('x')]))
    execFileSync('touch', ['-d', stat, object])
    await expectProblem(work, ['archive', 'models/large.pth', '--tar', 'out.tar.gz'], {
      code: 'CORRUPT',
      path: 'large.pth',
    })
    expect([has('out.tar.gz'), has('models/large.pth'), has('models/large.pth.art')]).toEqual([false, true, true])
  })
})
