import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ArtEvent } from '@art/core'
import { encodeTable } from '@art/checkpoint/table/encode.ts'
import type { TensorTable } from '@art/checkpoint/table/table.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { add } from '../verb/add.ts'
import { diffModels } from '../verb/diff-models.ts'
import { fetch } from '../verb/fetch.ts'
import { push } from '../verb/push.ts'
import { remoteAdd } from '../verb/remote.ts'
import { show } from '../verb/show.ts'
import type { ModelDifference, ShowResult } from '../view-api.ts'
import { tableFrom } from './kept-table.ts'

const MODELS = 'test/data/models'
const SEED = join(MODELS, 'torch/seed.pth')
const UNSAFE = join(MODELS, 'scan/unsafe/zip-hidden-member.pth')

let made: TemporaryRepo
let warnings: string[]
beforeEach(async () => {
  made = await TemporaryRepo.create()
  warnings = []
  await remoteAdd(await made.open(), 'origin', '../store', { default: true })
})
afterEach(() => made.remove())

const place = () => ({ cwd: made.root, environment: made.environment, onEvent })
const onEvent = (event: ArtEvent): void => {
  if (event.type === 'warning') warnings.push(`${event.path}: ${event.message}`)
}
const shown = (name: string, remote?: string): Promise<ShowResult> =>
  show(name, { ...place(), ...(remote === undefined ? {} : { remote }) })
const difference = async (from: string, to: string): Promise<ModelDifference> =>
  (await diffModels(from, to, place())).artifacts[0].model

/** Tracked, on the remote, and not on this machine. */
async function sent(path: string, from: string): Promise<string> {
  copyFileSync(from, join(made.root, path))
  const { added, failed } = await add(await made.open(), [path])
  expect(failed).toEqual([])
  expect((await push(await made.open(), [path])).failed).toEqual([])
  rmSync(join(made.root, path))
  rmSync((await made.open()).cacheDir, { recursive: true })
  return added[0]!.oid
}

const onRemote = (oid: string, store = 'store'): string => join(made.base, store, 'tensors', oid)
const tableOn = (oid: string, store?: string): TensorTable => tableFrom(readFileSync(onRemote(oid, store)))!

/** Whoever can write to a remote can put this there. */
function forge(oid: string, forged: (table: TensorTable) => TensorTable): void {
  writeFileSync(onRemote(oid), encodeTable(forged(tableOn(oid))))
}

const withEpoch = (table: TensorTable): TensorTable => ({ ...table, facts: { ...table.facts, epoch: 999 } })
const bringAll = async (...paths: string[]): Promise<void> =>
  expect((await fetch(await made.open(), paths)).failed).toEqual([])

describe("a remote's tensor table", () => {
  it('is shown as its word, and no longer once the bytes are here', async () => {
    const oid = await sent('seed.pth', SEED)
    forge(oid, withEpoch)
    expect(await shown('seed.pth')).toMatchObject({ here: false, from: 'remote-table', epoch: 999 })
    rmSync(onRemote(oid))
    expect(await shown('seed.pth')).toMatchObject({ from: 'remote-table', epoch: 999 })
    await bringAll('seed.pth')
    expect(await shown('seed.pth')).toMatchObject({ here: true, from: 'file', epoch: 41 })
  })

  it('never goes on to another remote', async () => {
    const oid = await sent('seed.pth', SEED)
    forge(oid, withEpoch)
    await shown('seed.pth')
    await remoteAdd(await made.open(), 'honest', '../honest', {})
    await push(await made.open(), ['seed.pth'], { remote: 'honest' })
    expect(existsSync(onRemote(oid, 'honest'))).toBe(false)
    await bringAll('seed.pth')
    expect((await push(await made.open(), ['seed.pth'], { remote: 'honest' })).failed).toEqual([])
    expect(tableOn(oid, 'honest').facts.epoch).toBe(41)
  })

  it('is asked for anew of a remote that is named', async () => {
    const oid = await sent('seed.pth', SEED)
    const honest = readFileSync(onRemote(oid))
    forge(oid, withEpoch)
    await shown('seed.pth')
    writeFileSync(onRemote(oid), honest)
    expect(await shown('seed.pth', 'origin')).toMatchObject({ from: 'remote-table', epoch: 41 })
    expect((await shown('seed.pth')).epoch).toBe(41)
  })

  it.each<[string, (table: TensorTable) => TensorTable]>([
    ['weights', (table) => ({ ...table, facts: { ...table.facts, weights: 'a'.repeat(64) } })],
    ['parameters', (table) => ({ ...table, facts: { ...table.facts, parameters: 1 } })],
    ['format', (table) => ({ ...table, format: 'pytorch-legacy' })],
  ])('is dropped with a warning where its %s contradict the pointer', async (key, forged) => {
    const oid = await sent('seed.pth', SEED)
    forge(oid, (table) => withEpoch(forged(table)))
    expect(await shown('seed.pth')).toMatchObject({ from: 'remote', epoch: 41 })
    expect(warnings).toEqual([
      `seed.pth: a remote's tensor table is not believed: its ${key} is not what the pointer says`,
    ])
  })

  it('does not hide that a model is unsafe', async () => {
    const oid = await sent('bad.pth', UNSAFE)
    forge(oid, (table) => ({ ...table, scan: { verdict: 'safe', unsafe: [] } }))
    expect(await shown('bad.pth')).toMatchObject({ here: false, scan: 'unsafe' })
    expect(warnings.join()).toContain('its scan is not what the pointer says')
    made.write('bad.pth.art', made.read('bad.pth.art').replace(/^checkpoint:\n(?: .*\n)*/m, ''))
    expect(await shown('bad.pth')).toMatchObject({ from: 'remote-table', scan: 'safe' })
    await bringAll('bad.pth')
    expect(await shown('bad.pth')).toMatchObject({ here: true, scan: 'unsafe', unsafe: ['os.system'] })
  })

  it('makes no two models the same, but in its own words', async () => {
    const oid = await sent('a.pth', SEED)
    const other = await sent('b.pth', join(MODELS, 'torch/dtypes.pth'))
    for (const path of ['a.pth', 'b.pth'])
      made.write(`${path}.art`, made.read(`${path}.art`).replace(/^checkpoint:\n(?: .*\n)*/m, ''))
    const table = tableOn(oid)
    forge(other, () => table)
    const told = await difference('a.pth', 'b.pth')
    expect(told).toMatchObject({
      judgement: "same weights, as the remote's table says",
      bring: expect.any(Array) as [],
    })
    expect(told.from).toEqual({ before: 'remote-table', after: 'remote-table' })
    await bringAll('a.pth', 'b.pth')
    const known = await difference('a.pth', 'b.pth')
    expect(known.same).not.toBe(true)
    expect(known.judgement).not.toContain('same weights')
  })
})
