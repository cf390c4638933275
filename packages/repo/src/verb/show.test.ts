import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cacheLayout, LARGE_FILE, objectPath } from '@art/core/cache/layout.ts'
import { TemporaryRepo } from '../temporary-repo.ts'
import type { ShowOptions } from '../view-api.ts'
import { add } from './add.ts'
import { show } from './show.ts'

const MODELS = fileURLToPath(new URL('../../../../test/data/models/', import.meta.url))
const SEED = join(MODELS, 'torch/seed.pth')
/** What torch itself says of the file. */
const TORCH = JSON.parse(readFileSync(`${SEED}.facts.json`, 'utf8')) as {
  tensors: { name: string; dtype: string; shape: number[]; sha256: string; mean: number }[]
}

let made: TemporaryRepo
beforeAll(async () => {
  made = await TemporaryRepo.create()
  copyFileSync(SEED, join(made.root, 'seed.pth'))
  await add(await made.open(), ['seed.pth'])
  made.commit('first')
})
afterAll(() => made.remove())

const here = (name: string, more: Partial<ShowOptions> = {}) =>
  show(name, { cwd: made.root, environment: made.environment, ...more })

describe('what is shown', () => {
  test('of a file outside of any repository is what torch says of it', async () => {
    const shown = await show(SEED, { cwd: '/', environment: {}, stats: true })
    expect(shown).toMatchObject({ here: true, from: 'file', format: 'pytorch', epoch: 41, resumeEpoch: 42 })
    expect(shown.optimizer).toMatchObject({ lr: [0.001], steps: 1, path: 'optimizer_state_dict' })
    for (const { name, dtype, shape, sha256 } of TORCH.tensors) {
      const tensor = shown.tensors.find((one) => one.name === name)
      expect(tensor, name).toMatchObject({ dtype, shape, sha256 })
    }
    expect(shown.tensors).toHaveLength(TORCH.tensors.length)
  })

  test('is the same from the file, the pointer, HEAD:path and --rev', async () => {
    const shown = await here('seed.pth')
    for (const other of [
      await here('seed.pth.art'),
      await here('HEAD:seed.pth'),
      await here('seed.pth', { rev: 'HEAD' }),
    ])
      expect({ ...other, name: 'seed.pth' }).toEqual(shown)
    expect(shown.weights).toMatch(/^sha256:/)
    expect(shown.path).toBe('seed.pth')
  })

  test('of a file that changed since is of its bytes now', async () => {
    copyFileSync(join(MODELS, 'torch/lightning.pth'), join(made.root, 'seed.pth'))
    expect(await here('seed.pth')).toMatchObject({ epoch: 3, from: 'file' })
    expect((await here('seed.pth')).oid).toBeUndefined()
    expect(await here('seed.pth.art')).toMatchObject({ epoch: 41 })
    copyFileSync(SEED, join(made.root, 'seed.pth'))
  })

  test('of a folder is the model in it, shards together', async () => {
    const folder = join(MODELS, 'safetensors/sharded')
    const shown = await show(folder, { cwd: '/', environment: {} })
    expect(shown.format).toBe('safetensors')
    expect(shown.tensors.length).toBeGreaterThan(1)
  })

  test('without the blob is from the table, and without that from the pointer', async () => {
    const clone = await TemporaryRepo.create()
    try {
      rmSync(clone.root, { recursive: true })
      clone.gitIn(clone.base, 'clone', '-q', made.root, clone.root)
      const there = { cwd: clone.root, environment: clone.environment }
      const { oid } = await here('seed.pth.art')
      const poor = await show('seed.pth', there)
      expect(poor).toMatchObject({ here: false, from: 'pointer', epoch: 41, tensors: [], metrics: { val_acc: 0.915 } })
      mkdirSync(join(clone.root, '.art/cache/tensors'), { recursive: true })
      copyFileSync(join(made.root, '.art/cache/tensors', oid!), join(clone.root, '.art/cache/tensors', oid!))
      const rich = await show('seed.pth', there)
      expect(rich).toMatchObject({ here: false, from: 'table', epoch: 41, resumeEpoch: 42 })
      expect(rich.tensors).toHaveLength(TORCH.tensors.length)
    } finally {
      clone.remove()
    }
  })

  test('with statistics is kept for the next time', async () => {
    expect((await here('seed.pth', { stats: true })).from).toBe('file')
    const again = await here('seed.pth')
    expect(again.from).toBe('table')
    expect(again.tensors.every(({ sha256 }) => sha256 !== undefined)).toBe(true)
  })

  test('of a directory without a model says so, tracked or not, and what makes a model of a distributed checkpoint', async () => {
    mkdirSync(join(made.root, 'parts'))
    writeFileSync(join(made.root, 'parts/__0_0.distcp'), 'part')
    mkdirSync(join(made.root, 'notes'))
    writeFileSync(join(made.root, 'notes/readme'), 'text')
    const refused = (message: string, hint: string) => ({
      code: 'UNSUPPORTED',
      message: expect.stringContaining(message) as string,
      hint: expect.stringContaining(hint) as string,
    })
    for (const tracked of [false, true]) {
      if (tracked) await add(await made.open(), ['parts', 'notes'])
      await expect(here('parts'), `${tracked}`).rejects.toMatchObject(refused('distributed', 'dcp_to_torch'))
      await expect(here('notes'), `${tracked}`).rejects.toMatchObject(refused('no model', 'the file itself'))
    }
  })

  test('of a directory that has its model further down is what people said of it, as long as it is here', async () => {
    mkdirSync(join(made.root, 'logged/data'), { recursive: true })
    copyFileSync(SEED, join(made.root, 'logged/data/model.pth'))
    writeFileSync(join(made.root, 'logged/MLmodel'), 'flavors: {}\n')
    writeFileSync(join(made.root, 'logged/data/large'), Buffer.alloc(LARGE_FILE, 'logged'))
    const repo = await made.open()
    await add(repo, ['logged'], { facts: { metrics: { val_acc: 0.9 } } })
    const told = { format: null, from: 'pointer', given: { metrics: { val_acc: 0.9 } } }
    for (const name of ['logged', 'logged.art']) expect(await here(name)).toMatchObject({ here: true, ...told })
    expect(await here('logged/data')).toMatchObject({ here: true, format: 'pytorch' })
    const oid = createHash('sha256')
      .update(readFileSync(join(made.root, 'logged/data/large')))
      .digest('hex')
    rmSync(join(made.root, 'logged'), { recursive: true })
    expect(await here('logged')).toMatchObject({ here: true, ...told })
    rmSync(objectPath(cacheLayout(repo.cacheDir), oid))
    expect(await here('logged')).toMatchObject({ here: false, bring: 'art pull logged', ...told })
  })

  test('of what is no model is an error that says so', async () => {
    writeFileSync(join(made.root, 'text.txt'), 'text')
    await expect(here('text.txt')).rejects.toMatchObject({ code: 'UNSUPPORTED', path: 'text.txt' })
    await expect(here('absent')).rejects.toMatchObject({ code: 'NOT_FOUND', path: 'absent' })
    await expect(here('HEAD:absent')).rejects.toMatchObject({ code: 'NOT_TRACKED' })
    await expect(here('.git')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await expect(show('x.pth', { cwd: '/', environment: {}, rev: 'HEAD' })).rejects.toMatchObject({
      code: 'NOT_A_REPOSITORY',
    })
  })
})
