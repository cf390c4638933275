import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DATA, Place, type Work } from '../e2e/harness.ts'
import { python, SCRIPTS, skipReason, torch } from './torch/python.ts'

interface Trained {
  epochs: { name: string; val_acc: number; outputs: string }[]
  /** Hash of the outputs after one more epoch without a stop. */
  next: string
  /** Weight → its shape, in the order of the state dict. */
  shapes: Record<string, number[]>
  /** Of the state dict. */
  bytes: number
}

interface Changed {
  name: string
  distance: { relativeL2: number; maxDelta: number; cosine: number }
}

const WALK = join(SCRIPTS, 'walk.py')

describe.skipIf(torch === undefined)('a CNN, trained by real PyTorch for five epochs and kept by art', () => {
  let place: Place
  let work: Work
  let trained: Trained

  const walk = (...args: string[]) => python(place, WALK, args)

  beforeAll(async () => {
    place = new Place()
    work = await place.repository('work')
    trained = JSON.parse(await walk('train', work.folder, '5')) as Trained
    await work.ok('remote', 'add', '-d', 'storage', place.path('storage'))
    await work.ok('add', ...trained.epochs.map(({ name }) => name))
    await work.commit('five epochs')
    await work.ok('push')
  })
  afterAll(() => place.dispose())

  it('is compared and shown in a clone that has none of the data', async () => {
    const clone = await place.clone(work.folder, 'without')
    const { models } = await clone.json<{ models: { name: string; metrics: { val_acc: number } }[] }>('compare')
    const best = trained.epochs.toSorted((a, b) => b.val_acc - a.val_acc)
    expect(models.map(({ metrics }) => metrics.val_acc)).toEqual(best.map(({ val_acc }) => val_acc))
    const { name, val_acc } = trained.epochs[2]!
    const shown = await clone.json<{ tensors: { name: string; shape: number[] }[] }>('show', `HEAD:${name}`)
    expect(shown).toMatchObject({
      format: 'pytorch',
      epoch: 3,
      metrics: { val_acc },
      optimizers: [{ kind: 'Adam', steps: 12 }],
    })
    const prefix = 'model_state_dict.'
    const weights = shown.tensors.filter((tensor) => tensor.name.startsWith(prefix))
    const shapes = Object.fromEntries(weights.map((tensor) => [tensor.name.slice(prefix.length), tensor.shape]))
    expect(shapes).toEqual(trained.shapes)
    expect(existsSync(clone.path(name))).toBe(false)
  })

  it('differs between epochs by the numbers that torch computes', async () => {
    const names = [trained.epochs[0]!.name, trained.epochs[4]!.name]
    const said = JSON.parse(await walk('distance', ...names.map((name) => work.path(name)))) as Record<string, number[]>
    const { artifacts } = await work.json<{ artifacts: { model: { tensors: Changed[] } }[] }>(
      'diff',
      '--tensors',
      ...names,
    )
    const { tensors } = artifacts[0]!.model
    expect(tensors.map(({ name }) => name).sort()).toEqual(Object.keys(said).sort())
    for (const { name, distance } of tensors) {
      const found = [distance.relativeL2, distance.maxDelta, distance.cosine]
      for (const [i, number] of found.entries()) expect.soft(number, name).toBeCloseTo(said[name]![i]!, 10)
    }
  })

  it('computes the same from weights that were pulled alone, a third of the bytes', async () => {
    const clone = await place.clone(work.folder, 'weights')
    const { name, outputs } = trained.epochs[4]!
    const { bytes } = await clone.json<{ bytes: { logical: number; transferred: number } }>(
      'pull',
      '--only',
      'weights',
      name,
    )
    // Chunks do not end where tensors do.
    expect(bytes.transferred).toBeGreaterThan(trained.bytes * 0.9)
    expect(bytes.transferred).toBeLessThan(bytes.logical * 0.38)
    expect((await walk('outputs', clone.path('cnn_epoch_5.safetensors'))).trim()).toBe(outputs)
  })

  it('computes the same from an export', async () => {
    const { name, outputs } = trained.epochs[1]!
    copyFileSync(work.path(name), place.path('copy.pth'))
    await work.ok('export', place.path('copy.pth'), '--to', 'safetensors')
    expect((await walk('outputs', place.path('copy.safetensors'))).trim()).toBe(outputs)
  })

  it.each(['timm.pth', 'timm.legacy.pth'])(
    'takes %s with weights_only and the names that art doctor lists',
    async (file) => {
      const path = join(DATA, 'models/torch', file)
      const { code, stdout } = await work.art('doctor', '--json', path)
      const { globals, classes } = (JSON.parse(stdout) as { weightsOnly: { globals: string[]; classes: string[] } })
        .weightsOnly
      expect([code, globals.length > 0]).toEqual([0, true])
      await walk('allowed', path, ...globals, ...classes)
    },
  )

  it('goes on from the checkpoint that art resume names, as if training had never stopped', async () => {
    const clone = await place.clone(work.folder, 'resumed')
    await clone.ok('pull')
    const { path, startEpoch } = await clone.json<{ path: string; startEpoch: number }>('resume', 'cnn')
    expect([path, startEpoch]).toEqual(['cnn_epoch_5.pth', 6])
    expect((await walk('resume', clone.path(path), String(startEpoch))).trim()).toBe(trained.next)
  })
})

if (torch === undefined) it.skip(skipReason, () => undefined)
