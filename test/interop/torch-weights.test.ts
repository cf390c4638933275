import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Place } from '../e2e/harness.ts'
import { python, SCRIPTS, skipReason, torch } from './torch/python.ts'

const SCRIPT = join(SCRIPTS, 'train_and_load.py')
const NAMES = ['cnn', 'cnn.legacy', 'tied']

let place: Place
beforeAll(() => {
  place = new Place()
})
afterAll(() => place.dispose())

test.skipIf(torch === undefined)(
  'weights that were pulled or exported load into the model, and it computes the same',
  async () => {
    const run = (verb: string, folder: string) => python(place, SCRIPT, [verb, folder])
    const work = await place.repository('work')
    await run('save', work.folder)
    const files = NAMES.map((name) => `${name}.pth`)
    await work.ok('remote', 'add', '-d', 'origin', place.path('store'))
    await work.ok('add', ...files)
    await work.commit('models')
    await work.ok('push')
    const clone = await place.clone(work.folder, 'clone')
    for (const name of readdirSync(work.folder).filter((file) => file.endsWith('.expected')))
      renameSync(work.path(name), clone.path(name))
    const same = NAMES.map((name) => `${name}: equal outputs\n`).join('')
    const pulled = await clone.json<{ weights: { path: string; weights: string }[] }>('pull', '--only', 'weights')
    expect(pulled.weights.map(({ path }) => path).sort()).toEqual(NAMES.map((name) => `${name}.safetensors`).sort())
    expect(await run('load', clone.folder)).toBe(same)
    // What is exported from the data is the same file.
    await clone.ok('pull')
    for (const [i, { path }] of pulled.weights.entries()) {
      const source = path.replace('.safetensors', '.pth')
      const exported = await clone.json<{ state: string; weights: string }>('export', source, '--to', 'safetensors')
      expect(exported).toMatchObject({ state: 'unchanged', weights: pulled.weights[i]!.weights })
    }
  },
)

if (torch === undefined) test.skip(skipReason, () => undefined)
