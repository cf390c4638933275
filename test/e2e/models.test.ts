import { createHash } from 'node:crypto'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eachRepository, freshName, place, store, work } from './fresh.ts'
import { BUNDLE, DATA, Work } from './harness.ts'
import { treeOf } from './tree.ts'

interface Checkpoint {
  format?: string
  parameters?: number
  weights?: string
  epoch?: number
  metrics: Record<string, number | string>
  config: Record<string, unknown>
  scan?: string
}
interface Added {
  added: { path: string; oid: string; state: string; checkpoint?: Checkpoint }[]
  warnings?: { message: string; path?: string }[]
}

eachRepository()

const model = (name: string): Buffer => readFileSync(join(DATA, 'models', name))
const pointer = (path: string): string => readFileSync(work.path(`${path}.art`), 'utf8')
const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** A safetensors file of float32 tensors with these numbers of elements, and the digest that docs/formats.md defines. */
function safetensors(sizes: Record<string, number>, metadata: Record<string, string> = {}) {
  let at = 0
  const header: Record<string, object> = { __metadata__: metadata }
  const payloads: Buffer[] = []
  const lines: string[] = []
  for (const [name, size] of Object.entries(sizes).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const payload = Buffer.from(Float32Array.from({ length: size }, (_, i) => Math.sin(i + size)).buffer)
    header[name] = { dtype: 'F32', shape: [size], data_offsets: [at, (at += payload.length)] }
    payloads.push(payload)
    lines.push(`${name} float32 [${size}] ${sha256(payload)}\n`)
  }
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return { bytes: Buffer.concat([length, text, ...payloads]), digest: `sha256:${sha256(lines.join(''))}` }
}

describe('adding a checkpoint', () => {
  test('tells its figures on the screen, in the pointer and in JSON', async () => {
    work.write('models/best.pth', model('torch/seed.pth'))
    work.write('data/x', 'x')
    const { stdout, stderr } = await work.ok('add', '--no-progress', 'models/best.pth', 'data')
    expect(stdout).toMatch(
      /^added {2}models\/best\.pth {2}9\.97 kB {2}145 params {2}epoch 41 {2}val_acc 0\.915 {2}ef4caded18$/m,
    )
    expect(stdout).toMatch(/^added {2}data +1 B +1 file +[0-9a-f]{10}$/m)
    expect(stderr).toBe('')
    expect(pointer('models/best.pth')).toContain(
      '\ncheckpoint:\n  format: pytorch\n  parameters: 145\n  weights: sha256:368e',
    )
    const { added } = await work.json<Added>('add', 'models/best.pth')
    expect(added[0]).toMatchObject({
      state: 'unchanged',
      checkpoint: { format: 'pytorch', epoch: 41, metrics: { val_acc: 0.915 }, config: { milestones: [30, 60] } },
    })
  })

  test('of 40 MB is digested by threads, the same as by hand, from wherever it is read', async () => {
    const { bytes, digest } = safetensors({ big: 5_000_000, 'layer.0.weight': 4_500_000, bias: 7, b: 1 })
    work.write('old.safetensors', bytes)
    await place.run('touch', ['-d', '1 hour ago', work.path('old.safetensors')])
    work.write('new.safetensors', bytes)
    work.write('dir/model.safetensors', bytes)
    const { added } = await work.json<Added>('add', 'old.safetensors', 'new.safetensors', 'dir')
    expect(added.map(({ checkpoint }) => [checkpoint?.weights, checkpoint?.parameters])).toEqual([
      [digest, 9_500_008],
      [digest, 9_500_008],
      [digest, 9_500_008],
    ])
  })

  test('shows names out of it without what they could do to a terminal, and writes a pointer that is read again', async () => {
    const metric = 'val_\u001b[31macc\u202e'
    const metadata = {
      [metric]: '0.5',
      config: JSON.stringify({ '<<': 1, '\u001b]0;x': '\u0007', __proto__x: 2, '\ud800': 3 }),
    }
    work.write('m.safetensors', safetensors({ w: 4 }, metadata).bytes)
    const { stdout, stderr } = await work.ok('add', 'm.safetensors')
    expect(stdout).toContain('val_\\e[31macc\\u{202e} 0.5')
    expect(stdout + stderr).not.toMatch(/[\u001b\u202e\u0007]/)
    expect(pointer('m.safetensors')).not.toMatch(/[\u001b\u202e\u0007]/)
    expect((await work.json<{ clean: boolean }>('status')).clean).toBe(true)
  })

  test('warns in the words of where one is, and writes what check will look at', async () => {
    work.write('sub/bad.pkl', model('scan/unsafe/reduce-protocol0.pkl'))
    work.write('sub/cut.pth', model('torch/seed.pth').subarray(0, 4000))
    const sub = new Work(place, work.path('sub'))
    const { stderr } = await sub.ok('add', '--no-progress', 'bad.pkl', 'cut.pth')
    expect(stderr.split('\n').sort()).toEqual([
      '',
      'warning: cannot be read as a model, so its pointer tells nothing of it: ' +
        stderr.split('nothing of it: ')[1]?.split('\n')[0],
      'warning: unsafe: loading it can run os.system: bad.pkl',
    ])
    expect(stderr).toMatch(/: cut\.pth$/m)
    expect(pointer('sub/bad.pkl')).toContain(
      'checkpoint:\n  format: pickle\n  scan: unsafe\n  unsafe_imports: [os.system]\n',
    )
  })

  test('of every kind that torch writes, hostile ones too, takes no longer than a moment', async () => {
    for (const folder of ['torch', 'onnx', 'gguf', 'numpy', 'scan/unknown']) {
      cpSync(join(DATA, 'models', folder), work.path(folder), { recursive: true })
    }
    const begun = performance.now()
    const { added, warnings = [] } = await work.json<Added>(
      'add',
      ...Object.keys(treeOf(work.folder)).filter((path) => /\/.*[^/]$/.test(path)),
    )
    expect(performance.now() - begun).toBeLessThan(30_000)
    expect(added.length).toBeGreaterThan(100)
    expect(added.filter(({ checkpoint }) => checkpoint?.scan !== undefined)).toEqual([])
    const torch = added.filter(({ path }) => /^torch\/.*\.(?:pth|pt2?|bin)$/.test(path))
    expect(torch.filter(({ checkpoint }) => checkpoint?.format === undefined).map(({ path }) => path)).toEqual([])
    expect(warnings.length).toBeLessThan(40)
  })
})

test('a pointer with a block is like any other to status, mv, diff, checkout and rm', async () => {
  work.write('a.pth', model('torch/seed.pth'))
  await work.ok('add', 'a.pth')
  const own = `# ours\n${pointer('a.pth')}owner: ann # since May\n`
  work.write('a.pth.art', own)
  await work.commit('one')
  await work.ok('mv', 'a.pth', 'm/b.pth')
  expect(pointer('m/b.pth')).toBe(own.replace('a.pth', 'b.pth'))
  await work.commit('two')
  work.write('m/b.pth', model('torch/timm.pth'))
  await work.ok('add', '-u')
  expect(pointer('m/b.pth')).toMatch(/^# ours\n[^]*epoch: 9\n[^]*owner: ann # since May\n$/)
  expect((await work.ok('diff')).stdout).toContain('m/b.pth')
  await work.git('checkout', '-q', '--', 'm/b.pth.art')
  await work.ok('checkout', '--force')
  expect(sha256(readFileSync(work.path('m/b.pth')))).toBe(sha256(model('torch/seed.pth')))
  expect((await work.json<{ clean: boolean }>('status')).clean).toBe(true)
  await work.ok('rm', 'm/b.pth')
  expect(existsSync(work.path('m/b.pth.art'))).toBe(false)
})

test('status, mv, checkout and rm load nothing of what reads models, diff only with --tensors, and add only where there may be one', () => {
  const dist = dirname(BUNDLE)
  const readersIn = (name: string): string[] => {
    const { sources } = JSON.parse(readFileSync(join(dist, `${name}.js.map`), 'utf8')) as { sources: string[] }
    return sources.filter((source) =>
      /\/checkpoint\/src\/(?!worker\/jobs\.ts|present\.ts|facts\/(?:bounds|figure)\.ts|format\/start\.ts)/.test(source),
    )
  }
  for (const name of ['status', 'mv', 'diff', 'checkout', 'rm', 'add']) expect(readersIn(name), name).toEqual([])
  for (const name of ['status', 'mv', 'checkout', 'rm'])
    expect(readFileSync(join(dist, `${name}.js`), 'utf8'), name).not.toMatch(/["'`]\.\/repo-model/)
})

test('bringing a model that is unsafe to load says so, each once, and counts what is many', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}.pkl`)
  names.forEach((name, i) =>
    work.write(name, Buffer.concat([model('scan/unsafe/reduce-protocol0.pkl'), Buffer.alloc(i)])),
  )
  await work.ok('add', ...names)
  await work.ok('remote', 'add', '-d', 'origin', store)
  await work.commit('one')
  await work.ok('push')
  const clone = await place.clone(work.folder, freshName('unsafe'))
  const unsafe = (stderr: string) => stderr.match(/^warning: .*unsafe.*$/gm)
  const { stderr } = await clone.ok('pull', '--no-progress')
  expect(unsafe(stderr)).toEqual([
    ...['a', 'b', 'c'].map((name) => expect.stringMatching(`unsafe: loading it can run .*${name}\\.pkl`) as string),
    'warning: 2 more are unsafe to load: `art scan` names them',
  ])
  expect(unsafe((await clone.ok('pull', '--no-progress')).stderr)).toBeNull()
  rmSync(clone.path('a.pkl'))
  expect(unsafe((await clone.ok('checkout')).stderr)).toHaveLength(1)
})

test('with facts off, models are files', async () => {
  await work.ok('config', 'models.facts', 'off')
  work.write('a.pth', model('torch/seed.pth'))
  work.write('bad.pkl', model('scan/unsafe/reduce-protocol0.pkl'))
  const { stdout, stderr } = await work.ok('add', '--no-progress', 'a.pth', 'bad.pkl')
  expect(stdout).not.toContain('params')
  expect(stderr).toBe('')
  expect(pointer('a.pth')).not.toContain('checkpoint')
  await work.ok('remote', 'add', '-d', 'origin', store)
  await work.commit('one')
  await work.ok('push')
  expect(Object.keys(treeOf(store)).filter((path) => path.startsWith('tensors'))).toEqual([])
  const refused = await work.art('add', '--refresh', '--json')
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('art config models.facts on')])
})

test('add --refresh fills older pointers, from a clone too', async () => {
  await work.ok('config', 'models.facts', 'off')
  work.write('a.pth', model('torch/seed.pth'))
  work.write('llm/model.safetensors', safetensors({ w: 9 }, { epoch: '3' }).bytes)
  work.write('x.txt', 'x')
  await work.ok('add', 'a.pth', 'llm', 'x.txt')
  await work.ok('config', '--unset', 'models.facts')
  await work.ok('remote', 'add', '-d', 'origin', store)
  await work.commit('one')
  await work.ok('push')
  const before = treeOf(work.folder)
  const dry = await work.ok('add', '--refresh', '-n')
  expect(dry.stdout).toMatch(/^updated {2}a\.pth .*epoch 41/m)
  expect(dry.stdout).toContain('nothing was written')
  expect(treeOf(work.folder)).toEqual(before)
  const { stdout } = await work.ok('add', '--refresh')
  expect(stdout).toMatch(/^updated {2}llm .*9 params {2}epoch 3/m)
  expect(stdout).toContain('git add a.pth.art llm.art')
  expect(Object.keys(treeOf(work.folder))).toEqual(Object.keys(before))
  expect((await work.ok('add', '--refresh')).stdout).toMatch(/^nothing to fill in/)

  const clone = await place.clone(work.folder, freshName('c'))
  expect((await clone.ok('add', '--refresh')).stderr).toMatch(/3 artifacts are not here, .*art fetch/)
  await clone.ok('fetch')
  const filled = await clone.json<Added>('add', '--refresh')
  expect(filled.added.map(({ path, checkpoint }) => [path, checkpoint?.epoch])).toEqual([
    ['a.pth', 41],
    ['llm', 3],
  ])
  expect((await clone.art('add', '--refresh', '-u')).code).toBe(2)
})

test('push sends the tables of models along, and those that are missing', async () => {
  await work.ok('remote', 'add', '-d', 'origin', store)
  work.write('a.pth', model('torch/seed.pth'))
  work.write('big.safetensors', safetensors({ w: 5_000_000 }).bytes)
  work.write('x.txt', 'x')
  const { added } = await work.json<Added>('add', 'a.pth', 'big.safetensors', 'x.txt')
  await work.commit('one')
  await work.ok('push')
  const oids = added.filter(({ checkpoint }) => checkpoint !== undefined).map(({ oid }) => oid)
  expect(readdirSync(join(store, 'tensors')).sort()).toEqual(oids.sort())
  const table = readFileSync(join(store, 'tensors', added[1]!.oid), 'utf8')
  expect(table).toMatch(/^art-tensors 1\n/)
  expect(table).toMatch(/"name":"w",.*"statistics":\[/)
  rmSync(join(store, 'tensors'), { recursive: true })
  expect((await work.ok('push', '--no-progress')).stderr).toBe('')
  expect(readFileSync(join(store, 'tensors', added[1]!.oid), 'utf8')).toBe(table)
  const clone = await place.clone(work.folder, freshName('c'))
  await clone.ok('pull')
  expect(treeOf(clone.folder)).toEqual(treeOf(work.folder))
})
