import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { PullWeightsResult } from '../model-api.ts'
import { add } from './add.ts'
import { TORCH, at, digestOf, forget, made, note, onRemote, pulled, useRemote } from './temporary-weights.ts'

useRemote()

describe('what weights are brought of', () => {
  beforeEach(async () => {
    copyFileSync(join(TORCH, 'seed.pth'), at('seed.pth'))
    made.write('models/other.ckpt', '')
    copyFileSync(join(TORCH, 'state_dict.pth'), at('models/other.ckpt'))
    copyFileSync(join(TORCH, 'seed.pth'), at('models/unnamed'))
    made.write('data/a.txt', 'a')
    made.write('table.csv', 'a,b\n')
    made.write('raw.bin', 'no model, for all its name')
    await onRemote('seed.pth', 'models/other.ckpt', 'models/unnamed', 'data', 'table.csv', 'raw.bin')
    for (const path of ['models/other.ckpt', 'models/unnamed']) note(path)
  })

  const files = ({ weights }: PullWeightsResult) => weights.map(({ path }) => path)

  it('without names: what is a model by its pointer or its name', async () => {
    const result = await pulled([])
    expect(files(result)).toEqual(['models/other.safetensors', 'seed.safetensors'])
    expect(result).toMatchObject({
      artifacts: 2,
      skipped: ['data', 'models/unnamed', 'table.csv', 'raw.bin'],
      failed: [],
    })
  })

  it('with names: these, from wherever the user is', async () => {
    expect(files(await pulled(['models']))).toEqual(['models/other.safetensors'])
    expect(files(await pulled(['unnamed', '../seed.pth'], {}, at('models')))).toEqual([
      'unnamed.safetensors',
      '../seed.safetensors',
    ])
    expect((await pulled(['data/a.txt'])).failed).toMatchObject([{ code: 'UNSUPPORTED', path: 'data/a.txt' }])
    const other = await pulled(['data', 'table.csv', 'raw.bin', 'absent'])
    expect(other.failed.map(({ path, code }) => `${code} ${path}`).sort()).toEqual([
      'NOT_TRACKED absent',
      'UNSUPPORTED data',
      'UNSUPPORTED raw.bin',
      'UNSUPPORTED table.csv',
    ])
    expect(other.weights).toEqual([])
  })

  it('of another revision', async () => {
    copyFileSync(join(TORCH, 'state_dict.pth'), at('seed.pth'))
    await onRemote('seed.pth')
    const old = await pulled(['seed.pth'], { rev: 'HEAD~1', output: 'old.safetensors' })
    expect(old.weights).toMatchObject([
      { path: 'old.safetensors', weights: `sha256:${await digestOf(join(TORCH, 'seed.pth'))}` },
    ])
    expect((await pulled(['absent.pth'], { rev: 'HEAD~1' })).failed).toMatchObject([
      { code: 'NOT_TRACKED', path: 'absent.pth' },
    ])
    await expect(pulled([], { rev: 'none' })).rejects.toMatchObject({ code: 'GIT' })
  })

  it('to one file, for one model', async () => {
    await expect(pulled([], { output: 'x.safetensors' })).rejects.toMatchObject({ code: 'USAGE' })
    expect(files(await pulled(['seed.pth'], { output: 'models' }))).toEqual(['models/seed.safetensors'])
    expect((await pulled(['seed.pth'], { output: 'none/x.safetensors' })).failed).toMatchObject([{ code: 'NOT_FOUND' }])
  })

  it('two that would go to one place, or to that of another artifact, are not mixed', async () => {
    copyFileSync(join(TORCH, 'seed.pth'), at('seed.ckpt'))
    await onRemote('seed.ckpt')
    expect((await pulled([])).failed).toMatchObject([{ path: 'seed.pth', code: 'OVERLAP' }])
    await made.pointer('models/other.safetensors')
    expect((await pulled(['models/other.ckpt'])).failed).toMatchObject([
      { path: 'models/other.ckpt', code: 'OVERLAP', hint: expect.stringContaining('-o') as string },
    ])
  })

  it('what is a safetensors file already comes whole, where it belongs', async () => {
    await pulled(['seed.pth'], { output: 'own.safetensors' })
    await onRemote('own.safetensors')
    const result = await pulled(['own.safetensors'])
    expect(result).toMatchObject({ weights: [], checkout: { added: ['own.safetensors'] }, failed: [] })
    expect(result.bytes.transferred).toBeGreaterThan(0)
    expect(existsSync(at('own.safetensors'))).toBe(true)
  })

  it('what the remote lacks is named, and the rest comes', async () => {
    copyFileSync(join(TORCH, 'tied.pth'), at('lost.pth'))
    await add(await made.open(), ['lost.pth'])
    forget('lost.pth')
    const result = await pulled([])
    expect(result.failed).toMatchObject([{ path: 'lost.pth', code: 'MISSING_OBJECTS' }])
    expect(files(result)).toEqual(['models/other.safetensors', 'seed.safetensors'])
  })
})
