import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isArtError } from '@art/core'
import { expect } from 'vitest'
import type { ModelFile, Tensor, Value } from '../model-file.ts'
import { besideFolder } from '../source/beside.ts'
import { fileSource } from '../source/file.ts'
import { boxesOfView, readBox, runWith } from '../view/read.ts'
import { viewOf } from '../view/view.ts'
import { readModel } from './read.ts'

/** What the library that wrote a file says of one of its tensors. */
export interface TensorFact {
  name: string
  dtype: string
  shape: number[]
  bytes: number
  sha256: string
}

export const MODELS = 'test/data/models'

/** `facts.json` of a folder: file name → what its library says of it. */
export function factsOf<T>(folder: string): [file: string, facts: T & { tensors: TensorFact[] }][] {
  return Object.entries(JSON.parse(readFileSync(join(MODELS, folder, 'facts.json'), 'utf8')))
}

/** Reads a file of `test/data/models` as any caller does, and gives it to `use` while it is open. */
export async function withModel<T>(path: string, use: (model: ModelFile) => Promise<T>): Promise<T> {
  const full = join(MODELS, path)
  const source = await fileSource(full)
  const model = await readModel(source, { openBeside: besideFolder(dirname(full)) })
  if (model === undefined) throw new Error(`${path} is no model file`)
  try {
    return await use(model)
  } finally {
    await model.close?.()
    await source.close()
  }
}

/** The same facts, as art reads them: the payload through the storage, contiguous and little-endian. */
export async function factOf(tensor: Tensor): Promise<TensorFact> {
  const { name, dtype, shape, bytes } = tensor
  return { name, dtype, shape: [...shape], bytes, sha256: await payloadHash(tensor) }
}

async function payloadHash(tensor: Tensor): Promise<string> {
  const hash = createHash('sha256')
  const view = viewOf(tensor, tensor.name)
  const scratch = { bytes: new Uint8Array(0) }
  for (const box of boxesOfView(view)) hash.update(await runWith(readBox(view, box, scratch), tensor.storage!))
  return hash.digest('hex')
}

/** Numbers that JSON cannot hold as text, lists as lists. */
export function plainOf(value: Value): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : value > 0 ? 'inf' : '-inf'
  if (value !== null && typeof value === 'object' && 'kind' in value && value.kind === 'list') {
    return value.items.map(plainOf)
  }
  return value
}

export async function codeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run()
  } catch (error) {
    if (isArtError(error)) return error.code
    throw error
  }
  return 'none'
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

/** Every tensor as the library says, payload included, and where the file is plain, the bytes where `place` says. */
export async function expectTensors(
  model: ModelFile,
  facts: readonly TensorFact[],
  folder: string,
  file: string,
): Promise<void> {
  const found = await Promise.all(model.tensors.map(factOf))
  expect(found.toSorted(byName)).toEqual(facts.toSorted(byName))
  for (const { storage, name } of model.tensors) {
    if (storage?.place === undefined || storage.length === 0) continue
    const path = join(MODELS, folder, dirname(file), storage.place.file ?? file.split('/').at(-1)!)
    const { offset } = storage.place
    const there = readFileSync(path).subarray(offset, offset + storage.length)
    expect(Buffer.compare(there, await storage.source.read(storage.offset, storage.length)), name).toBe(0)
  }
}
