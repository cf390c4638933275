import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { ModelFile } from '../../model-file.ts'
import type { Source } from '../../source.ts'
import { bytesSource } from '../../source/bytes.ts'
import { fileSource } from '../../source/file.ts'
import { plainFact, tensorFact } from './temporary-facts.ts'
import { readPyTorch } from './read.ts'

const DATA = fileURLToPath(new URL('../../../../../test/data/models/torch/', import.meta.url))

/** What torch itself reported when `make.py` loaded the file. */
interface Facts {
  tensors: Record<string, unknown>[]
  plain?: unknown
  /** The file holds more than the state dict that torch shows. */
  subset?: boolean
  anyOrder?: boolean
  /** Torch shows them without names, in some order. */
  unnamed?: boolean
  devices?: string[]
  operators?: Record<string, number>
  /** Torch makes storages of its own for views of another. */
  views?: boolean
}

const files = readdirSync(DATA, { recursive: true })
  .map(String)
  .filter((name) => existsSync(join(DATA, `${name}.facts.json`)))

function factsOf(name: string): Facts {
  return JSON.parse(readFileSync(join(DATA, `${name}.facts.json`), 'utf8')) as Facts
}

const opened: Source[] = []

afterEach(async () => {
  for (const source of opened.splice(0)) await source.close()
})

async function read(name: string): Promise<ModelFile> {
  const source = await fileSource(join(DATA, name))
  opened.push(source)
  return readPyTorch(source)
}

it('does not take one of several archives for the file', async () => {
  const archives = ['seed.pth', 'tensor.pth'].map((name) => readFileSync(join(DATA, name)))
  const source = bytesSource('__0_0.distcp', Buffer.concat(archives))
  await expect(readPyTorch(source)).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringMatching(/distcp/),
  })
})

async function tensorFacts(file: ModelFile, names?: Set<string>): Promise<Record<string, unknown>[]> {
  const storages = new Map<unknown, number>()
  const facts: Record<string, unknown>[] = []
  for (const tensor of file.tensors) {
    if (names === undefined || names.has(tensor.name)) facts.push(await tensorFact(tensor, storages))
  }
  return facts
}

function by(key: string): (a: Record<string, unknown>, b: Record<string, unknown>) => number {
  return (a, b) => (String(a[key]) < String(b[key]) ? -1 : 1)
}

describe.each(files)('%s', (name) => {
  const facts = factsOf(name)

  it('has the tensors that torch loads', async () => {
    const file = await read(name)
    const tensors = await tensorFacts(
      file,
      facts.subset === true ? new Set(facts.tensors.map((t) => t['name'] as string)) : undefined,
    )
    const left = [
      ...(facts.views === true || facts.unnamed === true ? ['storage'] : []),
      ...(facts.unnamed === true ? ['name'] : []),
    ]
    for (const tensor of [...tensors, ...facts.tensors]) for (const key of left) delete tensor[key]
    const order = facts.unnamed === true ? 'sha256' : facts.anyOrder === true ? 'name' : undefined
    if (order !== undefined) for (const list of [tensors, facts.tensors]) list.sort(by(order))
    expect(tensors).toEqual(facts.tensors)
  })

  if (facts.plain !== undefined) {
    it('holds the values that torch loads', async () => {
      const file = await read(name)
      expect(plainFact(file.root!)).toEqual(facts.plain)
    })
  }
})
