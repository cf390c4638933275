import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DATA, Place, type Work } from './harness.ts'
import { expectProblem } from './problem.ts'

interface Scan {
  verdict: string
  scanned: { path: string; verdict: string; format?: string; imports: { module: string; name: string }[] }[]
  failed: { path: string; code: string }[]
}

const MODELS = join(DATA, 'models')
const SAFE = join(MODELS, 'torch/seed.pth')
const UNSAFE = join(MODELS, 'scan/unsafe/zip-deflated.pth')
const UNKNOWN = join(MODELS, 'torch/yolo.pth')

let place: Place
beforeAll(() => {
  place = new Place()
})
afterAll(() => place.dispose())

describe('art scan', () => {
  test('works on any file, without a repository: 0 for safe and unknown, 1 for unsafe', async () => {
    const cwd = place.path('nowhere')
    mkdirSync(cwd)
    copyFileSync(UNSAFE, join(cwd, 'x.pth'))
    const run = (...args: string[]) => place.run('art', ['scan', ...args], { cwd })
    expect(await run('x.pth')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /^unsafe {3}x\.pth {2}pytorch\n {2}unsafe {3}os\.system {2}called in .*data\.pkl at/,
      ) as string,
      stderr: '',
    })
    expect(await run(SAFE)).toMatchObject({ code: 0, stdout: `safe     ${SAFE}  pytorch\n`, stderr: '' })
    expect((await run(UNKNOWN)).code).toBe(0)
    expect(await run('-q', 'x.pth')).toMatchObject({ code: 1, stdout: '', stderr: '' })
    const all = await run('x.pth', 'absent.pth', UNKNOWN)
    expect(all.code).toBe(1)
    expect(all.stdout).toContain('1 unsafe, 1 unknown')
    expect(all.stderr).toMatch(/^error: .*absent\.pth\nhint: /)
  })

  test('prints a document that names every import', async () => {
    const work = await place.repository('document')
    const { code, stdout } = await work.art('scan', '--json', join(MODELS, 'torch'), UNSAFE)
    const document = JSON.parse(stdout) as Scan
    expect(code).toBe(1)
    expect(document.verdict).toBe('unsafe')
    expect(document.scanned.length).toBeGreaterThan(40)
    expect(document.scanned.at(-1)!.imports).toMatchObject([{ module: 'os', name: 'system' }])
  })

  test('is told by name what is wrong with its use', async () => {
    const work = await place.repository('wrong')
    expect((await work.ok('scan')).stdout).toBe('nothing to scan: no file is there\n')
    await expectProblem(work, ['scan', 'absent'], { code: 'NOT_FOUND', path: 'absent' })
  })

  test('reads from the remote what a clone does not have', async () => {
    const work = await place.repository('far')
    await work.ok('remote', 'add', '-d', 'origin', place.path('far-store'))
    copyFileSync(UNSAFE, work.path('bad.pth'))
    await work.ok('add', 'bad.pth')
    await work.commit('bad')
    await work.ok('push')
    const clone = await place.clone(work.folder, 'far-clone')
    const { code, stdout } = await clone.art('scan', 'bad.pth', 'HEAD:bad.pth')
    expect([code, stdout.match(/^unsafe/gm)]).toEqual([1, ['unsafe', 'unsafe']])
    rmSync(place.path('far-store'), { recursive: true })
    await expectProblem(clone, ['scan', 'bad.pth'], { code: 'REMOTE_NOT_FOUND' })
  })
})

describe('the gate', () => {
  let work: Work
  beforeAll(async () => {
    work = await place.repository('gate')
    await work.ok('install')
  })

  test('keeps an unsafe pickle from being committed until somebody allows what it imports', async () => {
    copyFileSync(UNSAFE, work.path('bad.pth'))
    copyFileSync(UNKNOWN, work.path('odd.pth'))
    await work.ok('add', 'bad.pth', 'odd.pth')
    await work.git('add', '-A')
    const blocked = await place.run('git', ['commit', '-m', 'bad'], { cwd: work.folder })
    expect(blocked.code).not.toBe(0)
    expect(blocked.stderr).toMatch(/^error: loading it can run anything: it imports os\.system: bad\.pth$/m)
    expect(blocked.stderr).toMatch(/^hint: .*art scan bad\.pth.*allow_imports os\.system/m)
    await work.ok('config', '--local', 'check.allow_imports', 'os.system')
    await work.commit('allowed')
  })

  test('is not asked for what is committed already', async () => {
    await work.ok('config', '--local', '--unset', 'check.allow_imports')
    writeFileSync(work.path('code.py'), 'pass\n')
    await work.commit('code')
  })
})
