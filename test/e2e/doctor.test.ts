import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { oneRepository, place, work } from './fresh.ts'
import { DATA } from './harness.ts'
import { expectProblem } from './problem.ts'

interface Doctor {
  ok: boolean
  findings: { code: string; level: string; message: string; advice?: string }[]
  load: string | null
  torch: { recorded?: string; installed?: string; lowest?: string }
  weightsOnly: { accepted: boolean; globals: string[] } | null
}

const TORCH = join(DATA, 'models/torch')

oneRepository()

/** With an environment in which that torch is installed. */
function withTorch(version: string): { env: Record<string, string> } {
  const environment = place.path(`torch-${version}`)
  const packages = join(environment, `lib/python3.11/site-packages/torch-${version}.dist-info`)
  mkdirSync(packages, { recursive: true })
  writeFileSync(join(packages, 'METADATA'), `Metadata-Version: 2.1\nName: torch\nVersion: ${version}\n`)
  return { env: { VIRTUAL_ENV: environment } }
}

async function examine(path: string, version = '2.9.0'): Promise<Doctor & { code: number | string; codes: string[] }> {
  const { code, stdout } = await work.artWith(withTorch(version), 'doctor', '--json', path)
  const found = JSON.parse(stdout) as Doctor
  return { ...found, code, codes: found.findings.map((one) => one.code) }
}

describe('art doctor <file>', () => {
  test('has nothing to say of a file that loads, but how', async () => {
    const path = join(TORCH, 'seed.pth')
    expect(await examine(path)).toMatchObject({
      code: 0,
      ok: true,
      findings: [],
      load: `torch.load("${path}", weights_only=True)`,
      torch: { installed: '2.9.0', lowest: '1.6' },
      weightsOnly: { accepted: true },
    })
  })

  test.each([
    ['devices.pth', 'device', 'warning', /map_location="cpu"/],
    ['module.pth', 'weights-only', 'warning', /safe_globals\(\[__main__\.Net/],
    ['timm.pth', 'weights-only', 'warning', /numpy\.dtype, .*numpy\.dtypes\.Float64DType\]/],
    ['module.pth', 'imports', 'note', /must be defined in the one that loads it/],
    ['seed.p4.pth', 'weights-only', 'warning', /weights_only=False/],
    ['../scan/unsafe/zip-deflated.pth', 'unsafe', 'error', /Do not load it/],
    ['oldest.tar.pth', 'weights-only', 'warning', /weights_only=False/],
    ['scripted.pt', 'other-library', 'note', undefined],
    ['../safetensors/numpy.safetensors', 'other-library', 'note', undefined],
  ])('%s: %s', async (name, code, level, advice) => {
    const found = await examine(join(TORCH, name))
    const finding = found.findings.find((one) => one.code === code)
    expect(finding).toMatchObject({ level })
    if (advice !== undefined) expect(finding!.advice).toMatch(advice)
    expect([found.ok, found.code]).toEqual(level === 'error' ? [false, 1] : [true, 0])
  })

  test('knows a torch that is too old, and one that is older than the one that wrote it', async () => {
    const old = await examine(join(TORCH, 'dtypes.pth'), '2.0.1+cu118')
    expect(old).toMatchObject({ code: 1, torch: { installed: '2.0.1+cu118', lowest: '2.8' } })
    expect(old.findings.find(({ code }) => code === 'torch-too-old')!.advice).toContain('torch>=2.8')
    copyFileSync(join(TORCH, 'seed.pth'), work.path('added.pth'))
    await work.artWith(withTorch('2.9.0'), 'add', 'added.pth')
    const older = await examine('added.pth', '2.1.0')
    const torch = { recorded: '2.9.0', recordedBy: 'add' }
    expect(older).toMatchObject({ code: 0, codes: ['torch-older'], torch })
    expect(older.load).toContain('weights_only=True')
    expect((await examine(join(TORCH, 'seed.legacy.pth'), '1.5.0')).load).toMatch(/seed\.legacy\.pth"\)$/)
    expect(older.findings[0]!.message).toContain('torch 2.9.0 was installed where it was added, and 2.1.0 is installed')
  })

  test('says how to get what is not here', async () => {
    await work.commit('added')
    const rev = await examine('HEAD:added.pth')
    expect(rev).toMatchObject({ code: 0, codes: ['elsewhere'], load: 'torch.load("added.pth", weights_only=True)' })
    expect(rev.findings[0]!.advice).toContain('`art get . added.pth --rev HEAD -o added.pth`')
    work.write('sub/here', '')
    const below = await work.art('-C', 'sub', 'doctor', 'HEAD:../added.pth', '--json')
    expect(below.stdout).toContain('`art get . ../added.pth --rev HEAD -o added.pth`')
    expect((await work.art('-C', 'sub', 'get', '.', '../added.pth', '--rev', 'HEAD', '-o', 'added.pth')).code).toBe(0)
    const clone = await place.clone(work.folder, 'clone')
    expect((await clone.art('doctor', 'HEAD:added.pth')).stdout).toContain('Run `art fetch --rev HEAD added.pth`.')
    const { code, stdout } = await clone.art('doctor', 'added.pth')
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/problem +the content is not on this machine\n +Run `art pull added\.pth`/),
    ])
    const earlier = await clone.art('doctor', 'HEAD:added.pth')
    expect(earlier.stdout).toContain('Run `art fetch --rev HEAD added.pth`')
    expect((await clone.ok('show', 'HEAD:added.pth')).stdout).toContain('`art fetch --rev HEAD added.pth` brings it')
  })

  test('tells what lies in the place of a model', async () => {
    work.write('empty.pth', '')
    work.write('lfs.pth', 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n')
    work.write('page.pth', '<!DOCTYPE html><html>')
    copyFileSync(work.path('added.pth.art'), work.path('pointer.pth'))
    work.write('cut.pth', readFileSync(join(TORCH, 'seed.pth')).subarray(0, 5000))
    work.write('text.pth', 'hello')
    const codes = async (name: string) => (await examine(name)).codes[0]
    expect(await codes('empty.pth')).toBe('empty')
    expect(await codes('lfs.pth')).toBe('lfs-pointer')
    expect(await codes('page.pth')).toBe('web-page')
    expect(await codes('pointer.pth')).toBe('art-pointer')
    expect((await examine('cut.pth')).codes).toEqual(['damaged'])
    expect(await codes('text.pth')).toBe('no-model')
    rmSync(work.path('added.pth'))
  })

  test('needs a file, for now', async () => {
    await expectProblem(work, ['doctor'], { code: 'USAGE', hint: /art doctor <file>/, exit: 2 })
    await expectProblem(work, ['doctor', 'absent.pth'], { code: 'NOT_FOUND', path: 'absent.pth' })
  })
})
