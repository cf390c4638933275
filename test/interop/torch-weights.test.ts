import { spawnSync } from 'node:child_process'
import { readdirSync, renameSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Place } from '../e2e/harness.ts'

const SCRIPT = fileURLToPath(new URL('./train_and_load.py', import.meta.url))
const NAMES = ['cnn', 'cnn.legacy', 'tied']

/** A Python with torch and safetensors: `ART_TORCH_PYTHON`, or the one in PATH. */
function findPython(): string | undefined {
  const candidates = [process.env['ART_TORCH_PYTHON'], 'python3'].filter((one) => one !== undefined)
  return candidates.find((one) => spawnSync(one, ['-c', 'import torch, safetensors']).status === 0)
}

let place: Place
beforeAll(() => {
  place = new Place()
})
afterAll(() => place.dispose())

test('weights that were pulled or exported load into the model, and it computes the same', async ({ skip }) => {
  const python = findPython()
  if (python === undefined) {
    console.log('skipped: no Python with torch and safetensors; name one with ART_TORCH_PYTHON')
    return skip()
  }
  const run = async (verb: string, folder: string): Promise<string> => {
    const { code, stdout, stderr } = await place.run(python, [SCRIPT, verb, folder])
    expect(code, stderr).toBe(0)
    return stdout
  }
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
})
