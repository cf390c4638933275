import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { tensorsPath } from '@art/core/cache/layout.ts'
import { isMeasured } from '@art/checkpoint/table/measured.ts'
import type { TensorTable } from '@art/checkpoint/table/table.ts'
import { beforeEach, describe, expect, it } from 'vitest'
import { configSet } from '../verb/config.ts'
import { push } from '../verb/push.ts'
import { refresh } from '../verb/refresh.ts'
import { remoteAdd } from '../verb/remote.ts'
import { findModel } from './find.ts'
import { keptTable, tableFrom } from './kept-table.ts'
import { tableOf, type TableOptions } from './table-of.ts'
import { addOne, made, onEvent, put, useRepository, warnings, withRepo } from './temporary-models.ts'

useRepository()
beforeEach(async () => {
  await remoteAdd(await made.open(), 'origin', '../store', { default: true })
})

const store = (): string => join(made.base, 'store')
const onRemote = (): string[] =>
  existsSync(join(store(), 'tensors')) ? readdirSync(join(store(), 'tensors')).sort() : []
const remoteTable = (oid: string): TensorTable => tableFrom(readFileSync(join(store(), 'tensors', oid)))!

/** Returns its oid. */
async function stored(path: string, from: string): Promise<string> {
  put(path, from)
  return (await addOne(path)).oid
}

async function pushAll(): Promise<number> {
  const { failed, bytes } = await push(await made.open(), [], { onEvent })
  expect(failed).toEqual([])
  return bytes.transferred
}

const table = (path: string, options?: TableOptions): Promise<TensorTable | undefined> =>
  withRepo(async (session) => {
    const { open, name, pointer } = await findModel(session, made.root, path)
    return (await tableOf(session, { open, name, pointer: pointer! }, { onEvent, ...options }))?.table
  })
const keptPath = (oid: string): Promise<string> => withRepo(({ cache }) => tensorsPath(cache.layout, oid))
const loseCache = async (): Promise<void> => rmSync((await made.open()).cacheDir, { recursive: true })

describe('a push', () => {
  it('measures every tensor of what it sends, and sends the tables along', async () => {
    const oid = await stored('seed.pth', 'torch/seed.pth')
    const folder = await stored('llm', 'safetensors/sharded')
    await stored('text.txt', 'torch/facts.py')
    const before = await withRepo(({ cache }) => keptTable(cache.layout, oid))
    expect(isMeasured(before!)).toBe(false)
    await pushAll()
    expect(onRemote()).toEqual([folder, oid].sort())
    for (const one of [oid, folder]) {
      expect(isMeasured(remoteTable(one))).toBe(true)
      expect(readFileSync(await keptPath(one))).toEqual(readFileSync(join(store(), 'tensors', one)))
    }
    expect(remoteTable(oid).facts.weights).toBe(before!.facts.weights)
    expect(warnings).toEqual([])
  })

  it('sends nothing again, but what is missing or says less than is known here', async () => {
    const oid = await stored('seed.pth', 'torch/seed.pth')
    await pushAll()
    const path = join(store(), 'tensors', oid)
    const whole = readFileSync(path)
    const idle = await pushAll()
    rmSync(path)
    expect(await pushAll()).toBeGreaterThan(idle)
    expect(readFileSync(path)).toEqual(whole)
    truncateSync(path, 10)
    await pushAll()
    expect(readFileSync(path)).toEqual(whole)
  })

  it('makes a table for what the remote had before, without reading payloads', async () => {
    const oid = await stored('seed.pth', 'torch/seed.pth')
    await pushAll()
    rmSync(join(store(), 'tensors'), { recursive: true })
    rmSync(await keptPath(oid))
    await pushAll()
    const made2 = remoteTable(oid)
    // What a pointer says is no finding of this machine.
    expect(made2.facts.weights).toBeUndefined()
    expect(made2.tensors.every(({ sha256 }) => sha256 === undefined)).toBe(true)
  })

  it('succeeds whatever happens to a table, and says so', async () => {
    const oid = await stored('seed.pth', 'torch/seed.pth')
    mkdirSync(store())
    writeFileSync(join(store(), 'tensors'), 'in the way')
    await pushAll()
    expect(warnings).toEqual([expect.stringMatching(/^its tensor table was not sent: /)])
    rmSync(join(store(), 'tensors'))
    truncateSync(await keptPath(oid), 100)
    await pushAll()
    expect(onRemote()).toEqual([])
  })

  it('sends none where facts are off, or nobody wants them of this artifact', async () => {
    await stored('seed.pth', 'torch/seed.pth')
    await configSet(await made.open(), 'project', 'models.facts', 'off')
    await pushAll()
    expect(onRemote()).toEqual([])
    await stored('other.pth', 'torch/timm.pth')
    await configSet(await made.open(), 'project', 'models.facts', 'on')
    await pushAll()
    expect(onRemote()).toHaveLength(1)
  })
})

describe('the table of a model', () => {
  it("is the kept one, else made from the bytes, else the remote's", async () => {
    const oid = await stored('seed.pth', 'torch/seed.pth')
    await pushAll()
    const kept = await table('seed.pth')
    expect(isMeasured(kept!)).toBe(true)
    rmSync(await keptPath(oid))
    const read = await table('seed.pth')
    expect(isMeasured(read!)).toBe(false)
    expect(read!.facts).toEqual(kept!.facts)
    await loseCache()
    expect((await table('seed.pth'))!.facts).toEqual(kept!.facts)
    rmSync(join(made.root, 'seed.pth'))
    await loseCache()
    expect(await table('seed.pth')).toBeUndefined()
    expect(await table('seed.pth', { remote: true })).toEqual(kept)
    expect(await table('seed.pth')).toEqual(kept)
    await expect(table('seed.pth', { remote: 'none' })).rejects.toMatchObject({ path: 'none' })
  })

  it('is measured where that is asked for, and kept so', async () => {
    await stored('seed.pth', 'torch/seed.pth')
    expect(isMeasured((await table('seed.pth', { measured: true }))!)).toBe(true)
    expect(isMeasured((await table('seed.pth'))!)).toBe(true)
  })

  it('of a directory is that of the model it holds, here or in the workspace only', async () => {
    const oid = await stored('llm', 'safetensors/sharded')
    const kept = await table('llm')
    rmSync(await keptPath(oid))
    expect((await table('llm', { measured: true }))!.facts).toEqual(kept!.facts)
    const cache = (await made.open()).cacheDir
    rmSync(join(cache, 'packs'), { recursive: true })
    rmSync(join(cache, 'tensors'), { recursive: true })
    expect((await table('llm'))?.facts).toEqual(kept!.facts)
  })

  it('counts as none where it is damaged here or there', async () => {
    const oid = await stored('seed.pth', 'torch/seed.pth')
    await pushAll()
    const [here, there] = [await keptPath(oid), join(store(), 'tensors', oid)]
    for (const path of [here, there]) truncateSync(path, statSync(path).size - 1)
    expect((await table('seed.pth'))!.format).toBe('pytorch')
    rmSync(join(made.root, 'seed.pth'))
    await loseCache()
    expect(await table('seed.pth', { remote: true })).toBeUndefined()
  })
})

describe('add --refresh', () => {
  const pointerOf = (path: string): string => made.read(`${path}.art`)

  it('fills in what pointers lack or an older reader wrote, and changes nothing else', async () => {
    await configSet(await made.open(), 'project', 'models.facts', 'off')
    await stored('old.pth', 'torch/seed.pth')
    await stored('llm', 'safetensors/sharded')
    await stored('text.txt', 'torch/facts.py')
    await configSet(await made.open(), 'project', 'models.facts', 'on')
    await stored('new.pth', 'torch/timm.pth')
    await stored('older.pth', 'torch/lightning.pth')
    made.write('older.pth.art', pointerOf('older.pth').replace(/epoch: .*/, 'epoch: 77\n  reader: 0'))
    made.write('new.pth.art', pointerOf('new.pth').replace(/epoch: .*/, 'epoch: 78\n  reader: 99'))
    const own = `# ours\n${pointerOf('old.pth')}owner: ann # since May\n`
    made.write('old.pth.art', own)
    const dry = await refresh(await made.open(), [], { dryRun: true })
    expect(dry.added.map(({ path, state }) => [path, state])).toEqual([
      ['llm', 'updated'],
      ['old.pth', 'updated'],
      ['older.pth', 'updated'],
    ])
    expect(pointerOf('old.pth')).toBe(own)
    const { added, failed, gitPaths } = await refresh(await made.open(), [], { onEvent })
    expect(failed).toEqual([])
    expect(added.map(({ path }) => path)).toEqual(['llm', 'old.pth', 'older.pth'])
    expect(gitPaths.sort()).toEqual(['llm.art', 'old.pth.art', 'older.pth.art'])
    const text = pointerOf('old.pth')
    expect(text).toContain('  epoch: 41\n')
    expect(text.replace(/checkpoint:\n(?: .*\n)*/, '')).toBe(own)
    expect(pointerOf('older.pth')).toContain('  epoch: 3\n')
    expect(pointerOf('older.pth')).not.toContain('reader')
    expect(pointerOf('new.pth')).toContain('  epoch: 78\n')
    expect(pointerOf('text.txt')).not.toContain('checkpoint')
    expect(added[1]!.checkpoint?.epoch).toBe(41)
    expect((await refresh(await made.open(), [])).added).toEqual([])
  })

  it('reads named ones anew, from the workspace where the cache lost them', async () => {
    await stored('seed.pth', 'torch/seed.pth')
    made.write('seed.pth.art', pointerOf('seed.pth').replace('epoch: 41', 'epoch: 40'))
    await loseCache()
    const { added } = await refresh(await made.open(), ['seed.pth'])
    expect(added).toMatchObject([{ path: 'seed.pth', state: 'updated', checkpoint: { epoch: 41 } }])
    expect((await refresh(await made.open(), ['seed.pth'])).added).toMatchObject([{ state: 'unchanged' }])
  })

  it('says what is not here, and refuses where facts are off', async () => {
    await configSet(await made.open(), 'project', 'models.facts', 'off')
    await stored('seed.pth', 'torch/seed.pth')
    await expect(refresh(await made.open(), [])).rejects.toMatchObject({ code: 'USAGE', path: 'models.facts' })
    await configSet(await made.open(), 'project', 'models.facts', 'on')
    rmSync(join(made.root, 'seed.pth'))
    await loseCache()
    expect(await refresh(await made.open(), [], { onEvent })).toMatchObject({ added: [], failed: [] })
    expect(warnings).toEqual([expect.stringMatching(/^1 artifact is not here/)])
    expect((await refresh(await made.open(), ['none'])).failed).toMatchObject([{ path: 'none', code: 'NOT_TRACKED' }])
  })
})
