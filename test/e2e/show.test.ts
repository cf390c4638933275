import { copyFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BUNDLE, DATA, Place, ROOT } from './harness.ts'
import { expectProblem } from './problem.ts'

interface Shown {
  from: string
  here: boolean
  weights: string | null
  tensors: { name: string; sha256?: string; statistics?: object }[]
  metrics: Record<string, number>
}

const MODELS = join(DATA, 'models')
const SEED = join(MODELS, 'torch/seed.pth')

let place: Place
beforeAll(() => {
  place = new Place()
})
afterAll(() => place.dispose())

/** A safetensors file of two gigabytes that takes no room on the disk: its one payload is a hole. */
function hugeFile(path: string): void {
  const bytes = 2_000_000_000
  const header = JSON.stringify({ 'layer.weight': { dtype: 'F32', shape: [bytes / 4], data_offsets: [0, bytes] } })
  const head = Buffer.alloc(8 + header.length)
  head.writeBigUInt64LE(BigInt(header.length))
  head.write(header, 8)
  writeFileSync(path, head)
  truncateSync(path, head.length + bytes)
}

/** Counts what the process reads from files. */

/** Counts what is read of one file. */
const READS = join(ROOT, 'test/bench/reads.cjs')

describe('art show', () => {
  test.each([
    ['torch/seed.pth', 'pytorch', /epoch +41, go on with epoch 42/],
    ['torch/seed.legacy.pth', 'pytorch-legacy', /val_acc 0\.915/],
    ['torch/scripted.pt', 'torchscript', /tensors +dtype/],
    ['torch/exported.pt2', 'torch-export', /parameters/],
    ['safetensors/sharded', 'safetensors', /parameters/],
    ['onnx/external.onnx', 'onnx', /input +x float32 \[1, 16\]/],
    ['gguf/little.gguf', 'gguf', /metadata/],
    ['numpy/weights.npz', 'npz', /tensors +dtype/],
  ])('reads %s outside of any repository', async (name, format, line) => {
    const cwd = place.path('nowhere')
    mkdirSync(cwd, { recursive: true })
    const path = join(MODELS, name)
    const { code, stdout, stderr } = await place.run('art', ['show', path], { cwd })
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(new RegExp(`^${path}  ${format}, \\d`))
    expect(stdout).toMatch(line)
  })

  test('prints a document with every tensor, and with --stats what each holds', async () => {
    const work = await place.repository('document')
    const shown = await work.json<Shown>('show', SEED)
    expect(shown).toMatchObject({ from: 'file', here: true, metrics: { val_acc: 0.915 } })
    expect(shown.tensors).toHaveLength(27)
    const measured = await work.json<Shown>('show', '--stats', SEED)
    expect(measured.tensors.every(({ sha256, statistics }) => sha256 !== undefined && statistics !== undefined)).toBe(
      true,
    )
    for (const name of [
      'onnx/graphs.onnx',
      'gguf/big.gguf',
      'torch/quantized.pth',
      'torch/module.pth',
      'numpy/scalar.npy',
    ])
      await work.json('show', '--stats', join(MODELS, name))
  })

  test('works in a clone without blobs: from the table on the remote, and without a remote from the pointer', async () => {
    const work = await place.repository('origin')
    await work.ok('remote', 'add', '-d', 'origin', place.path('store'))
    copyFileSync(SEED, work.path('seed.pth'))
    await work.ok('add', 'seed.pth')
    await work.commit('seed')
    await work.ok('push')
    const { weights } = await work.json<Shown>('show', 'seed.pth')
    const clone = await place.clone(work.folder, 'clone')
    const there = await clone.json<Shown>('show', 'seed.pth')
    expect(there).toMatchObject({ here: false, from: 'remote-table', weights })
    expect(there.tensors).toHaveLength(27)
    const { stdout } = await clone.ok('show', 'HEAD:seed.pth')
    expect(stdout).toContain("not on this machine: this is as the remote's table says; `art fetch --rev HEAD")
    expect(await clone.json('show', '--rev', 'HEAD', 'seed.pth')).toMatchObject({
      bring: 'art fetch --rev HEAD seed.pth',
    })
    const poor = await place.clone(work.folder, 'poor')
    rmSync(place.path('store'), { recursive: true })
    const { stdout: text, stderr } = await poor.ok('show', 'seed.pth')
    expect(stderr).toContain('nothing more can be had from the remote')
    expect(text).toContain('not on this machine: this is from its pointer; `art pull seed.pth` brings it')
    expect(text).toContain('val_acc 0.915')
  })

  test('reads less than a megabyte of a model of two gigabytes', async () => {
    const huge = place.path('huge.safetensors')
    hugeFile(huge)
    const env = { ART_BENCH_READS: place.path('bytes'), ART_BENCH_READS_OF: huge }
    const { code, stdout } = await place.run(process.execPath, ['--require', READS, BUNDLE, 'show', huge], { env })
    expect(code).toBe(0)
    expect(stdout).toContain('500,000,000 in 1 tensor, 2.00 GB of float32')
    const bytes = Number(readFileSync(env.ART_BENCH_READS, 'utf8'))
    expect(bytes).toBeGreaterThan(0)
    expect(bytes).toBeLessThan(1_000_000)
  })

  test('says by name what is wrong', async () => {
    const work = await place.repository('wrong')
    await expectProblem(work, ['show'], { code: 'USAGE', hint: /art show <target>/, exit: 2 })
    await expectProblem(work, ['show', 'absent'], { code: 'NOT_FOUND', path: 'absent' })
    work.write('notes.txt', 'text')
    await expectProblem(work, ['show', 'notes.txt'], { code: 'UNSUPPORTED', path: 'notes.txt' })
    work.write('cut.pth', readFileSync(SEED).subarray(0, 5000))
    await expectProblem(work, ['show', 'cut.pth'], { code: 'CORRUPT', path: 'cut.pth' })
    work.write('half.safetensors', '\u0010\0\0\0\0\0\0\0{"a":{"dtype":')
    await expectProblem(work, ['show', 'half.safetensors'], { code: 'CORRUPT' })
  })
})
