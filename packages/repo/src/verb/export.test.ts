import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ArtEvent } from '@art/core'
import { readModel } from '@art/checkpoint/format/read.ts'
import { fileSource } from '@art/checkpoint/source/file.ts'
import { describeModel } from '@art/checkpoint/table/describe.ts'
import { temporaryCheckpoint } from '@art/checkpoint/temporary-checkpoint.ts'
import type { ExportOptions, ExportResult } from '../model-api.ts'
import { TemporaryRepo } from '../temporary-repo.ts'
import { add } from './add.ts'
import { configSet } from './config.ts'
import { exportModel } from './export.ts'
import { push } from './push.ts'
import { remoteAdd } from './remote.ts'

const DATA = fileURLToPath(new URL('../../../../test/data/models/', import.meta.url))
const SEED = join(DATA, 'torch/seed.pth')

let made: TemporaryRepo
beforeEach(async () => {
  made = await TemporaryRepo.create()
})
afterEach(() => made.remove())

const at = (path: string): string => join(made.root, path)

const exported = async (name: string, more: Partial<ExportOptions> = {}): Promise<ExportResult> =>
  await exportModel(name, { cwd: made.root, environment: made.environment, ...more })

async function digestOf(path: string): Promise<string> {
  const source = await fileSource(path)
  const model = await readModel(source)
  const { facts } = await describeModel(model!, { measure: 'weights' })
  await source.close()
  return `sha256:${facts.weights}`
}

describe('an export', () => {
  it('needs no repository, and goes beside the file', async () => {
    const cwd = join(made.base, 'elsewhere')
    mkdirSync(cwd)
    copyFileSync(SEED, join(cwd, 'seed.pth'))
    const result = await exported('seed.pth', { cwd })
    expect(result).toMatchObject({
      source: 'seed.pth',
      from: 'pytorch',
      path: 'seed.safetensors',
      format: 'safetensors',
      state: 'written',
      size: statSync(join(cwd, 'seed.safetensors')).size,
      weights: await digestOf(SEED),
      transferred: 0,
    })
    expect(result.ignored).toBeUndefined()
    expect(await digestOf(join(cwd, 'seed.safetensors'))).toBe(result.weights)
    expect(await exported('seed.pth', { cwd })).toEqual({ ...result, state: 'unchanged' })
    expect(readdirSync(cwd)).toEqual(['seed.pth', 'seed.safetensors'])
  })

  it.each(['onnx/types.onnx', 'torch/scripted.pt', 'torch/exported.pt2', 'torch/module.pth', 'torch/timm.pth'])(
    'has the same weights as the file, whatever it is: %s',
    async (name) => {
      const result = await exported(join(DATA, name), { output: 'out.safetensors' }).catch(
        (error: { code: string }) => error,
      )
      // What safetensors cannot hold is refused before a byte is written.
      if ('code' in result) {
        expect(result.code).toBe('UNSUPPORTED')
        expect(existsSync(at('out.safetensors'))).toBe(false)
      } else {
        expect(result.weights).toBe(await digestOf(join(DATA, name)))
        expect(await digestOf(at('out.safetensors'))).toBe(result.weights)
      }
    },
  )

  it('joins the shards of a model', async () => {
    const folder = join(DATA, 'safetensors/sharded')
    for (const name of readdirSync(folder)) copyFileSync(join(folder, name), at(name))
    const result = await exported('model.safetensors.index.json')
    expect(result.path).toBe('model.safetensors')
    expect(result.weights).toBe(await digestOf(at('model.safetensors')))
  })

  it('goes where it is told to, and never over another file but by force', async () => {
    mkdirSync(at('out'))
    expect((await exported(SEED, { output: 'out' })).path).toBe('out/seed.safetensors')
    writeFileSync(at('mine'), 'mine')
    await expect(exported(SEED, { output: 'mine' })).rejects.toMatchObject({ code: 'WOULD_OVERWRITE', path: 'mine' })
    expect(readFileSync(at('mine'), 'utf8')).toBe('mine')
    expect((await exported(SEED, { output: 'mine', force: true })).state).toBe('written')
    // Through no link: the file that it leads to is somebody else's.
    writeFileSync(at('other'), 'other')
    symlinkSync('other', at('link'))
    await exported(SEED, { output: 'link', force: true })
    expect(readFileSync(at('other'), 'utf8')).toBe('other')
    await expect(exported(SEED, { output: 'none/x' })).rejects.toMatchObject({ code: 'NOT_FOUND', path: 'none/x' })
    symlinkSync('/dev/null', at('null'))
    await expect(exported(SEED, { output: 'null', force: true })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await exported(SEED, { output: 'x.safetensors' })
    await expect(exported('x.safetensors')).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('-o') as string,
    })
  })

  it('is refused for what has no weights, or ones that the format cannot hold', async () => {
    writeFileSync(at('notes.txt'), 'none')
    await expect(exported('notes.txt')).rejects.toMatchObject({ code: 'UNSUPPORTED', path: 'notes.txt' })
    await expect(exported(join(DATA, 'torch/sparse.pth'), { output: 'x' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      path: join(DATA, 'torch/sparse.pth'),
    })
    writeFileSync(at('cut.pth'), readFileSync(SEED).subarray(0, 5000))
    await expect(exported('cut.pth')).rejects.toMatchObject({ code: 'CORRUPT' })
    expect(readdirSync(made.root).sort()).toEqual(['.art', '.git', '.gitattributes', 'cut.pth', 'notes.txt'])
  })

  it('takes the state dict that the configuration names', async () => {
    const events: ArtEvent[] = []
    const onEvent = (event: ArtEvent) => events.push(event)
    await exported(join(DATA, 'torch/timm.pth'), { output: 'a', onEvent })
    expect(events).toContainEqual(
      expect.objectContaining({ message: 'another state dict is left out: state_dict_ema' }),
    )
    const usual = await exported(SEED, { output: 'b' })
    await configSet(await made.open(), 'project', 'models.state_dict', '.')
    const all = await exported(SEED, { output: 'c' })
    expect(all.tensors).toBeGreaterThan(2 * usual.tensors)
    expect(all.weights).not.toBe(usual.weights)
  })

  it('that is interrupted leaves nothing', async () => {
    const stop = new AbortController()
    const onEvent = ({ type }: ArtEvent): void => {
      if (type === 'progress') stop.abort()
    }
    writeFileSync(
      at('big.pth'),
      temporaryCheckpoint(4, () => new Uint8Array(1_000_000)),
    )
    await expect(exported('big.pth', { signal: stop.signal, onEvent })).rejects.toThrow()
    expect(existsSync(at('big.safetensors'))).toBe(false)
    expect(readdirSync(at('.art/tmp')).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })
})

describe('an export of what is tracked', () => {
  beforeEach(async () => {
    mkdirSync(at('models'))
    copyFileSync(SEED, at('models/a.pth'))
    made.write('.gitignore', '*.safetensors\n')
    await add(await made.open(), ['models/a.pth'])
    made.commit()
  })

  it('reads the cache by pointer and revision', async () => {
    const before = await digestOf(at('models/a.pth'))
    copyFileSync(join(DATA, 'torch/lightning.pth'), at('models/a.pth'))
    await add(await made.open(), ['models/a.pth'])
    rmSync(at('models/a.pth'))
    const now = await exported('a.pth.art', { cwd: at('models') })
    expect(now).toMatchObject({ source: 'a.pth', path: 'a.safetensors', ignored: true })
    expect(now.weights).not.toBe(before)
    const old = await exported('HEAD:models/a.pth', { force: true })
    expect(old).toMatchObject({ source: 'HEAD:models/a.pth', path: 'models/a.safetensors', weights: before })
  })

  it('reads only the weights from the remote where this machine has nothing', async () => {
    const bytes = temporaryCheckpoint(6, (i) => new Uint8Array(500_000).map((_, k) => (k * (i + 7)) >> 3))
    writeFileSync(at('big.pth'), bytes)
    await add(await made.open(), ['big.pth'])
    const digest = await digestOf(at('big.pth'))
    rmSync(at('big.pth'))
    await remoteAdd(await made.open(), 'origin', join(made.base, 'store'), { default: true })
    expect((await push(await made.open(), [])).failed).toEqual([])
    rmSync(at('.art/cache'), { recursive: true })
    const result = await exported('big.pth')
    expect(result.weights).toBe(digest)
    expect(result.transferred).toBeGreaterThan(1_000_000)
    expect(result.transferred).toBeLessThan(bytes.length / 2)
    rmSync(at('models/a.pth'))
    rmSync(join(made.base, 'store'), { recursive: true })
    await expect(exported('models/a.pth')).rejects.toMatchObject({ code: 'REMOTE_NOT_FOUND' })
  })

  it('says what to do where the content is nowhere', async () => {
    rmSync(at('.art/cache'), { recursive: true })
    rmSync(at('models/a.pth'))
    await expect(exported('models/a.pth')).rejects.toMatchObject({
      code: 'NOT_CACHED',
      path: 'models/a.pth',
      hint: 'Run `art pull models/a.pth`.',
    })
  })
})
