import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { plainFact, tensorFact } from '@art/checkpoint/format/pytorch/temporary-facts.ts'
import { readModel } from '@art/checkpoint/format/read.ts'
import type { ModelFile } from '@art/checkpoint'
import { besideFolder } from '@art/checkpoint/source/beside.ts'
import { fileSource } from '@art/checkpoint/source/file.ts'
import { describeModel } from '@art/checkpoint/table/describe.ts'
import type { TensorTable } from '@art/checkpoint/table/table.ts'

type TensorFact = Record<string, unknown>

/** What the library that wrote a file says of it, as the scripts beside this file and test/data/models/torch/make.py write it. */
interface Facts {
  tensors: TensorFact[]
  plain?: unknown
  /** Weights digest, computed by Python from docs/formats.md. */
  weights?: string
  opset?: number
  operators?: Record<string, number>
  /** The file holds more tensors than the library shows. */
  subset?: boolean
  anyOrder?: boolean
  /** The library shows them without names, in some order. */
  unnamed?: boolean
  /** Torch makes storages of its own for views of another. */
  views?: boolean
}

const END = '.facts.json'

/** The model files below a folder that have facts beside them. */
export function filesWithFacts(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith(END))
    .map((name) => name.slice(0, -END.length))
    .sort()
}

/** Opens a model file as any caller does, and gives it to `use` while it is open. */
export async function withModel<T>(path: string, use: (model: ModelFile) => Promise<T>): Promise<T> {
  const source = await fileSource(path)
  try {
    const model = await readModel(source, { openBeside: besideFolder(dirname(path)) })
    if (model === undefined) throw new Error(`${path} is no model file`)
    try {
      return await use(model)
    } finally {
      await model.close?.()
    }
  } finally {
    await source.close()
  }
}

/** The table of a file, with its weights measured through the sources: worker threads need the build. */
export async function tableOf(path: string): Promise<TensorTable> {
  return await withModel(path, (model) => describeModel(model, { measure: 'weights' }))
}

/** Fails, softly, where art reads anything of the file otherwise than its library: tensors, values, weights digest, graph. */
export async function expectFacts(folder: string, name: string): Promise<void> {
  const facts = JSON.parse(readFileSync(join(folder, name + END), 'utf8')) as Facts
  await withModel(join(folder, name), async (model) => {
    const known = facts.subset === true ? new Set(facts.tensors.map((tensor) => tensor['name'])) : undefined
    const storages = new Map<unknown, number>()
    const found: TensorFact[] = []
    for (const tensor of model.tensors) {
      if (known === undefined || known.has(tensor.name)) found.push(await tensorFact(tensor, storages))
    }
    expect.soft(comparable(found, facts), name).toEqual(comparable(facts.tensors, facts))
    if (facts.plain !== undefined) expect.soft(plainFact(model.root!), name).toEqual(facts.plain)
    if (facts.opset !== undefined)
      expect.soft(Object.fromEntries(model.graph!.operators), name).toEqual(facts.operators)
  })
  if (facts.weights !== undefined) {
    const { facts: told } = await tableOf(join(folder, name))
    expect.soft(told.weights, `weights digest of ${name}`).toBe(facts.weights)
  }
}

/** Without what the library does not tell, in an order that both have. */
function comparable(tensors: readonly TensorFact[], { views, unnamed, anyOrder }: Facts): TensorFact[] {
  const left = unnamed === true ? ['storage', 'name'] : views === true || anyOrder === true ? ['storage'] : []
  const kept = tensors.map((tensor) =>
    Object.fromEntries(Object.entries(tensor).filter(([key]) => !left.includes(key))),
  )
  const key = unnamed === true ? 'sha256' : 'name'
  if (unnamed !== true && anyOrder !== true) return kept
  return kept.sort((a, b) => (String(a[key]) < String(b[key]) ? -1 : 1))
}
