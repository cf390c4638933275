import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configSet } from '../verb/config.ts'
import { move } from '../verb/mv.ts'
import { keptTable } from './kept-table.ts'
import { readStored, readWhileStored } from './read-stored.ts'
import { addAll, addOne, isKept, made, MODELS, put, useRepository, warnings, withRepo } from './temporary-models.ts'
import { safetensorsBytes } from './temporary-safetensors.ts'

useRepository()

describe('adding a model file', () => {
  it('writes what it says into its pointer, in these bytes, and keeps its tensor table', async () => {
    put('seed.pth', 'torch/seed.pth')
    const { oid, size, checkpoint } = await addOne('seed.pth')
    const digest = '368e92e5eab637e046f89224f8a93bcadc2a6ec2df192f016e916271d9deb606'
    expect(made.read('seed.pth.art')).toBe(`art: 1
path: seed.pth
oid: sha256:${oid}
size: ${size}
checkpoint:
  format: pytorch
  parameters: 145
  weights: sha256:${digest}
  epoch: 41
  val_acc: 0.915
  config:
    lr: 0.001
    batch_size: 64
    epochs: 100
    optimizer: Adam
    milestones: [30, 60]
    amp: false
`)
    expect(checkpoint).toMatchObject({ format: 'pytorch', epoch: 41, metrics: { val_acc: 0.915 } })
    const table = await withRepo(({ cache }) => keptTable(cache.layout, oid))
    expect(table).toMatchObject({ format: 'pytorch', facts: { weights: digest, parameters: 145 } })
    expect(warnings).toEqual([])
  })

  it('gives the same digest to the same weights in other containers and keys', async () => {
    const same = ['seed.pth', 'seed.legacy.pth', 'seed.p4.pth', 'state_dict.pth', 'state_dict.legacy.pth']
    for (const name of same) put(name, `torch/${name}`)
    const { added } = await addAll(same)
    expect(new Set(added.map(({ checkpoint }) => checkpoint?.weights)).size).toBe(1)
  })

  it('of other formats is told from the bytes, whatever the name is', async () => {
    const from = {
      'a.bin': 'safetensors/numpy.safetensors',
      'b.dat': 'gguf/little.gguf',
      'c.pth': 'onnx/types.onnx',
      d: 'torch/scripted.pt',
      'e.pth': 'torch/exported.pt2',
      'f.x': 'numpy/weights.npz',
    }
    for (const [path, name] of Object.entries(from)) put(path, name)
    const { added } = await addAll(Object.keys(from))
    expect(added.map(({ checkpoint }) => checkpoint?.format)).toEqual([
      'safetensors',
      'gguf',
      'onnx',
      'torchscript',
      'torch-export',
      'npz',
    ])
  })

  it('gives none to what is no model', async () => {
    put('array.npy', 'numpy/version-1.npy')
    put('labels.npz', 'numpy/compressed.npz')
    put('model.pth', Buffer.from('not really'))
    put('text.txt', Buffer.from('text'))
    put('noise.bin', Buffer.alloc(3 << 20, 'xyz'))
    put('empty.pt', Buffer.alloc(0))
    const { added } = await addAll(['array.npy', 'model.pth', 'text.txt', 'noise.bin', 'empty.pt'])
    expect(added.map(({ checkpoint }) => checkpoint)).toEqual([undefined, undefined, undefined, undefined, undefined])
    expect(warnings).toEqual([])
    expect(await withRepo(({ cache }) => existsSync(cache.layout.tensors))).toBe(false)
  })

  it('adds one that cannot be read whole all the same, and says so', async () => {
    put('cut.pth', 'torch/seed.pth')
    truncateSync(join(made.root, 'cut.pth'), 5000)
    put('cut.safetensors', safetensorsBytes({ w: 1 << 20 }).subarray(0, 3 << 20))
    const { added, failed } = await addAll(['cut.pth', 'cut.safetensors'])
    expect(failed).toEqual([])
    expect(added.map(({ state, checkpoint }) => [state, checkpoint])).toEqual([
      ['added', undefined],
      ['added', undefined],
    ])
    expect(warnings).toEqual([
      expect.stringMatching(/^cannot be read as a model, .*: cut\.pth$/),
      expect.stringMatching(/^cannot be read as a model, .*: cut\.safetensors$/),
    ])
  })

  it('leaves secrets out, and names them here and there', async () => {
    const config = '{"lr": 0.1, "api_key": "hunter2", "hub": {"hf_token": "x"}}'
    put('m.safetensors', safetensorsBytes({ w: 4 }, { config }))
    const { checkpoint } = await addOne('m.safetensors')
    expect(checkpoint).toMatchObject({ config: { lr: 0.1 }, leftOut: ['config.api_key', 'config.hub.hf_token'] })
    expect(made.read('m.safetensors.art')).toContain('  left_out: [config.api_key, config.hub.hf_token]\n')
    expect(made.read('m.safetensors.art')).not.toContain('hunter2')
    expect(warnings).toEqual([
      'left out of its pointer: config.api_key (looks like a secret), config.hub.hf_token (looks like a secret): m.safetensors',
    ])
  })

  it('names the same secrets of several models once', async () => {
    const secret = (key: string) => ({ config: `{"${key}": "hunter2"}` })
    for (const name of ['a', 'b', 'c'])
      put(`${name}.safetensors`, safetensorsBytes({ w: 4 }, secret(name === 'c' ? 'token' : 'api_key')))
    await addAll(['a.safetensors', 'b.safetensors', 'c.safetensors'])
    expect(warnings).toEqual([
      'left out of 2 pointers: config.api_key (looks like a secret): a.safetensors and 1 more',
      'left out of its pointer: config.token (looks like a secret): c.safetensors',
    ])
  })

  it('counts what there is no room for', async () => {
    const config = JSON.stringify(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, i])))
    put('m.safetensors', safetensorsBytes({ w: 4 }, { config }))
    expect((await addOne('m.safetensors')).checkpoint?.leftOut?.at(-1)).toMatch(/^\d+ more$/)
    expect(warnings).toEqual([expect.stringMatching(/^left out of its pointer: \d+ for which there is no room: m/)])
  })

  it('takes metrics and the state dict that the configuration names', async () => {
    await configSet(await made.open(), 'project', 'models.metrics', 'lr,!val_acc')
    put('m.safetensors', safetensorsBytes({ w: 4 }, { val_acc: '0.5', lr: '0.1' }))
    expect((await addOne('m.safetensors')).checkpoint?.metrics).toEqual({ lr: 0.1 })
    await configSet(await made.open(), 'project', 'models.state_dict', 'optimizer_state_dict')
    put('seed.pth', 'torch/seed.pth')
    const { checkpoint } = await addOne('seed.pth')
    expect(checkpoint?.weights).toMatch(/^sha256:/)
    expect(checkpoint?.weights).not.toContain('368e92e5')
  })

  it('does nothing of this where facts are off', async () => {
    put('seed.pth', 'torch/seed.pth')
    const { oid } = await addOne('seed.pth')
    await configSet(await made.open(), 'project', 'models.facts', 'off')
    put('other.pth', 'torch/timm.pth')
    const other = await addOne('other.pth')
    expect(other.checkpoint).toBeUndefined()
    expect(await isKept(other.oid)).toBe(false)
    expect(await isKept(oid)).toBe(true)
    expect((await addOne('seed.pth')).checkpoint).toBeDefined()
    put('seed.pth', 'torch/lightning.pth')
    expect((await addOne('seed.pth')).checkpoint).toBeUndefined()
  })

  it('marks which torch was installed where the file does not say what wrote it', async () => {
    const folder = join(made.root, '.venv/lib/python3.12/site-packages/torch-2.9.0.dist-info')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'METADATA'), 'Metadata-Version: 2.4\nName: torch\nVersion: 2.9.0+cpu\n')
    put('seed.pth', 'torch/seed.pth')
    put('lightning.pth', 'torch/lightning.pth')
    put('m.safetensors', safetensorsBytes({ w: 4 }))
    const { added } = await addAll(['seed.pth', 'm.safetensors'])
    expect(added.map(({ checkpoint }) => checkpoint?.torchInstalled)).toEqual(['2.9.0+cpu', undefined])
  })
})

describe('a file that would run something when it is loaded', () => {
  it('is told, and marked in its pointer, whether it can be read as a model or not', async () => {
    const names = ['zip-data.pth', 'reduce-protocol0.pkl', 'objects.npy', 'before-cut.pkl', 'legacy-magic.pth']
    for (const name of names) put(name, `scan/unsafe/${name}`)
    const { added, failed } = await addAll(names)
    expect(failed).toEqual([])
    for (const { checkpoint, path } of added) {
      expect(checkpoint?.scan, path).toBe('unsafe')
      expect(checkpoint?.unsafeImports, path).toEqual(['os.system'])
      expect(made.read(`${path}.art`)).toContain('  scan: unsafe\n  unsafe_imports: [os.system]\n')
      expect(warnings).toContain(`unsafe: loading it can run os.system: ${path}`)
    }
  })

  it('is not one because art does not know what it imports: that takes one line for all', async () => {
    put('a.pth', 'torch/module.pth')
    put('b.pth', 'torch/module.legacy.pth')
    const { added } = await addAll(['a.pth', 'b.pth'])
    expect(added.map(({ checkpoint }) => checkpoint?.scan)).toEqual([undefined, undefined])
    expect(warnings).toEqual(['imports names that art does not know: __main__.Net: a.pth and 1 more'])
  })
})

describe('adding again', () => {
  it('keeps the block while the content is the same, and what users wrote beside it', async () => {
    put('seed.pth', 'torch/seed.pth')
    await addOne('seed.pth')
    const own = `# the best so far\n${made.read('seed.pth.art')}owner: ann # since May\n`
    made.write('seed.pth.art', own)
    expect((await addOne('seed.pth')).state).toBe('unchanged')
    chmodSync(join(made.root, 'seed.pth'), 0o755)
    const executable = await addOne('seed.pth')
    expect([executable.state, executable.checkpoint?.epoch]).toEqual(['updated', 41])
    put('seed.pth', 'torch/timm.pth')
    const { checkpoint } = await addOne('seed.pth')
    expect(checkpoint).toMatchObject({ epoch: 9, metrics: { metric: 76.5 } })
    const text = made.read('seed.pth.art')
    expect(text).toMatch(/^# the best so far\n/)
    expect(text).toContain('owner: ann # since May\n')
    expect(text).not.toContain('val_acc')
    await move(await made.open(), 'seed.pth', 'moved.pth')
    expect(made.read('moved.pth.art')).toBe(text.replace('path: seed.pth', 'path: moved.pth'))
  })

  it('a file that became none takes its block away', async () => {
    put('x', 'torch/seed.pth')
    await addOne('x')
    put('x', Buffer.from('text'))
    await addOne('x')
    expect(made.read('x.art')).not.toContain('checkpoint')
  })
})

describe('a large model', () => {
  const bytes = (count: number): Buffer =>
    safetensorsBytes({ 'model.a': count, 'model.b': 10 }, { epoch: String(count) })

  it('is read while it is copied, or from the cache where it was written a moment ago', async () => {
    put('old.safetensors', bytes(1 << 20))
    put('new.safetensors', bytes(1 << 20))
    const past = statSync(join(made.root, 'old.safetensors')).mtimeMs / 1000 - 100
    utimesSync(join(made.root, 'old.safetensors'), past, past)
    const { added } = await addAll(['old.safetensors', 'new.safetensors'])
    expect(added[0]?.checkpoint).toEqual(added[1]?.checkpoint)
    expect(added[0]?.checkpoint).toMatchObject({ parameters: (1 << 20) + 10, epoch: 1 << 20 })
  })

  it('is never told from other bytes than those that were stored', async () => {
    put('m.safetensors', bytes(1 << 19))
    const absolute = join(made.root, 'm.safetensors')
    await withRepo(async (session) => {
      const reading = readWhileStored(session, absolute, {})
      writeFileSync(absolute, bytes(1 << 20))
      expect(await reading.finish()).toBeUndefined()
    })
    const { checkpoint, oid, size } = await addOne('m.safetensors')
    expect(checkpoint?.epoch).toBe(1 << 20)
    appendFileSync(absolute, 'x')
    const pointer = { path: 'm.safetensors', kind: 'f' as const, oid, size }
    const stored = await withRepo((session) => readStored(session, 'm.safetensors', pointer, {}))
    expect(stored?.table?.facts.epoch).toBe(1 << 20)
  })

  it('is not read on when it cannot be stored', async () => {
    put('m.safetensors', bytes(1 << 19))
    await withRepo(async (session) => {
      const reading = readWhileStored(session, join(made.root, 'm.safetensors'), {})
      await reading.abandon()
      expect(await reading.finish()).toBeUndefined()
    })
  })
})

it('every hostile file is added in good time', async () => {
  const hostile = readdirSync(`${MODELS}/scan/unknown`)
  for (const name of hostile) put(`h/${name}`, `scan/unknown/${name}`)
  const { added, failed } = await addAll(hostile.map((name) => `h/${name}`))
  expect(failed).toEqual([])
  expect(added).toHaveLength(hostile.length)
  for (const name of hostile) expect(readFileSync(join(made.root, `h/${name}.art`), 'utf8')).not.toContain('scan')
})
