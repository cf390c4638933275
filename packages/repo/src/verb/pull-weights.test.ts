import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { temporaryCheckpoint } from '@art/checkpoint/temporary-checkpoint.ts'
import { add } from './add.ts'
import { remoteModify } from './remote.ts'
import { TORCH, at, digestOf, made, note, onRemote, pulled, tableOf, useRemote, warnings } from './temporary-weights.ts'

useRemote()

describe('the weights of a checkpoint that torch wrote', () => {
  it.each([
    'seed.pth',
    'seed.legacy.pth',
    'seed.p5.pth',
    'lightning.pth',
    'tied.pth',
    'views.legacy.pth',
    'deflated.pth',
    'big_endian.pth',
  ])('come as a safetensors file with the same digest: %s', async (name) => {
    copyFileSync(join(TORCH, name), at(name))
    const digest = await digestOf(at(name))
    await onRemote(name)
    note(name, digest)
    const { weights, failed } = await pulled([name])
    expect(failed).toEqual([])
    const [one] = weights
    expect(one).toMatchObject({
      artifact: name,
      state: 'written',
      weights: `sha256:${digest}`,
      verified: true,
      ignored: false,
    })
    expect(await digestOf(at(one!.path))).toBe(digest)
    expect((await tableOf(at(one!.path))).tensors.map((tensor) => tensor.name)).toContain(
      (await tableOf(join(TORCH, name))).tensors.find((tensor) => tensor.weight !== undefined)!.weight,
    )
    // Neither the content nor a part of it is on this machine otherwise.
    expect(existsSync(at(name))).toBe(false)
    expect(await (await import('./status.ts')).status(await made.open(), [name])).toMatchObject({
      artifacts: [{ state: 'not-in-cache' }],
    })
  })

  it('keep what the checkpoint says of itself', async () => {
    copyFileSync(join(TORCH, 'seed.pth'), at('seed.pth'))
    await onRemote('seed.pth')
    await pulled(['seed.pth'])
    const before = await tableOf(join(TORCH, 'seed.pth'))
    const after = await tableOf(at('seed.safetensors'))
    expect(after.facts.epoch).toBe(before.facts.epoch)
    expect([...after.facts.metrics]).toEqual([...before.facts.metrics])
    expect([...after.facts.config]).toEqual([...before.facts.config])
  })
})

describe('the weights of a large checkpoint with the state of Adam', () => {
  const LAYERS = 8
  const STORAGE = 600_000
  const storages = Array.from({ length: 3 * LAYERS }, () => randomBytes(STORAGE))
  const bytes = temporaryCheckpoint(LAYERS, (i) => storages[i]!)
  const weights = LAYERS * STORAGE
  beforeEach(async () => {
    writeFileSync(at('model.pth'), bytes)
    await onRemote('model.pth')
  })

  it('cost a third of its bytes', async () => {
    const result = await pulled(['model.pth'])
    expect(result).toMatchObject({ artifacts: 1, bytes: { logical: bytes.length }, failed: [] })
    expect(result.bytes.transferred).toBeGreaterThan(weights)
    expect(result.bytes.transferred).toBeLessThan(0.38 * bytes.length)
    expect(result.weights[0]).toMatchObject({ tensors: LAYERS, parameters: weights / 4, verified: true })
    expect(warnings()).toEqual([])
    // Byte for byte.
    const written = readFileSync(at('model.safetensors'))
    const { tensors, storages: places } = await tableOf(at('model.safetensors'))
    for (const { name, storage } of tensors) {
      const { at: start, bytes: length } = places[storage!]!
      expect(bytes.includes(written.subarray(start, start! + length)), name).toBe(true)
    }
    expect(tensors.map(({ name }) => name)).toEqual(Array.from({ length: LAYERS }, (_, i) => `layer${i}.weight`))
  })

  it('are told to be unproven where the pointer has no digest', async () => {
    note('model.pth')
    expect((await pulled(['model.pth'])).weights).toMatchObject([{ state: 'written', verified: false }])
    expect(warnings()).toEqual([expect.stringContaining('no weights digest')])
  })

  it('are compressed on their way where the remote is', async () => {
    await remoteModify(await made.open(), 'origin', { compression: 'on' })
    writeFileSync(
      at('zeros.pth'),
      temporaryCheckpoint(2, () => new Uint8Array(STORAGE)),
    )
    await onRemote('zeros.pth')
    const result = await pulled(['zeros.pth'])
    expect(result.bytes.transferred).toBeLessThan(100_000)
    expect(readFileSync(at('zeros.safetensors')).length).toBeGreaterThan(2 * STORAGE)
  })

  it('cost nothing where the content is on this machine', async () => {
    writeFileSync(at('model.pth'), bytes)
    await add(await made.open(), ['model.pth'])
    rmSync(join(made.base, 'store'), { recursive: true })
    const result = await pulled(['model.pth'])
    expect(result).toMatchObject({ bytes: { new: 0, transferred: 0 }, weights: [{ state: 'written', verified: true }] })
  })

  it('cost only what an earlier version on this machine does not have', async () => {
    const next = temporaryCheckpoint(LAYERS, (i) => (i === 5 ? randomBytes(STORAGE) : storages[i]!))
    writeFileSync(at('model.pth'), next)
    await onRemote('model.pth')
    writeFileSync(at('model.pth'), bytes)
    const pointer = made.read('model.pth.art')
    await add(await made.open(), ['model.pth'])
    rmSync(at('model.pth'))
    made.write('model.pth.art', pointer)
    const result = await pulled(['model.pth'])
    expect(result.failed).toEqual([])
    expect(result.bytes.transferred).toBeGreaterThan(STORAGE)
    expect(result.bytes.transferred).toBeLessThan(2 * STORAGE)
    const whole = await pulled(['model.pth'], { output: 'again.safetensors' })
    expect(readFileSync(at('again.safetensors')).equals(readFileSync(at('model.safetensors')))).toBe(true)
    expect(whole.weights[0]!.weights).toBe(result.weights[0]!.weights)
  })

  it('are not written where they are not those that the pointer names', async () => {
    note('model.pth', 'ab'.repeat(32))
    const result = await pulled(['model.pth'])
    expect(result.weights).toEqual([])
    expect(result.failed).toMatchObject([
      { path: 'model.pth', code: 'CORRUPT', hint: expect.stringContaining('art pull') as string },
    ])
    expect(readdirSync(made.root).filter((name) => name.includes('safetensors'))).toEqual([])
    expect(readdirSync(at('.art/tmp')).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('that are there already are left alone, and fetched for nothing', async () => {
    await pulled(['model.pth'])
    const again = await pulled(['model.pth'])
    expect(again.weights).toMatchObject([{ state: 'unchanged', verified: true }])
    expect(again.bytes.transferred).toBeLessThan(500_000)
  })

  it('never replace another file, unless they are told to', async () => {
    writeFileSync(at('model.safetensors'), 'mine')
    const refused = await pulled(['model.pth'])
    expect(refused.failed).toMatchObject([
      { path: 'model.pth', code: 'WOULD_OVERWRITE', hint: expect.stringContaining('--force') as string },
    ])
    expect(refused.bytes.transferred).toBeLessThan(500_000)
    expect(readFileSync(at('model.safetensors'), 'utf8')).toBe('mine')
    expect((await pulled(['model.pth'], { force: true })).weights).toMatchObject([{ state: 'written' }])
    // Nor one of the very same size.
    const other = readFileSync(at('model.safetensors'))
    other[other.length - 1]! ^= 1
    writeFileSync(at('model.safetensors'), other)
    expect((await pulled(['model.pth'])).failed).toMatchObject([{ code: 'WOULD_OVERWRITE' }])
    expect(readFileSync(at('model.safetensors')).equals(other)).toBe(true)
  })

  it('are listed beforehand', async () => {
    const result = await pulled([], { dryRun: true })
    expect(result.would).toEqual([{ path: 'model.safetensors', size: expect.any(Number) as number }])
    expect(result.would![0]!.size).toBeGreaterThan(weights)
    expect(existsSync(at('model.safetensors'))).toBe(false)
    expect(result.bytes.transferred).toBeLessThan(500_000)
  })
})
