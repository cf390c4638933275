import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { temporaryCheckpoint } from '@art/checkpoint/temporary-checkpoint.ts'
import { DATA, Place, type Work } from './harness.ts'
import { expectProblem, problemsOf } from './problem.ts'

interface Written {
  path: string
  state: string
  weights: string
  tensors: number
  ignored?: boolean
}
interface Pulled {
  bytes: { logical: number; transferred: number }
  weights: (Written & { verified: boolean })[]
  warnings?: { message: string }[]
}

const CNN = join(DATA, 'simple_cnn.pth')

let place: Place
let work: Work
let store: string
let count = 0
beforeAll(() => {
  place = new Place()
})
beforeEach(async () => {
  const name = `r${count++}`
  work = await place.repository(name)
  store = place.path(`${name}-store`)
  await work.ok('remote', 'add', '-d', 'origin', store)
})
afterAll(() => place.dispose())

/** A clone of a repository that has a model: without its bytes. */
async function cloneWith(bytes: Uint8Array): Promise<Work> {
  work.write('models/model.pth', bytes)
  await work.ok('add', 'models/model.pth')
  await work.commit('model')
  await work.ok('push')
  return await place.clone(work.folder, `clone${count++}`)
}

/** Names and payloads of a safetensors file, read by its specification alone. */
function tensorsIn(path: string): Map<string, Buffer> {
  const bytes = readFileSync(path)
  const start = 8 + Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<string, { data_offsets: [number, number] }>
  delete header['__metadata__']
  return new Map(
    Object.entries(header).map(
      ([
        name,
        {
          data_offsets: [from, to],
        },
      ]) => [name, bytes.subarray(start + from, start + to)],
    ),
  )
}

describe('art pull --only weights', () => {
  test('fetches a third of an Adam checkpoint, and writes it where one looks for it', async () => {
    const storages = Array.from({ length: 24 }, () => randomBytes(400_000))
    const bytes = temporaryCheckpoint(8, (i) => storages[i]!)
    const clone = await cloneWith(bytes)
    const inModels = await clone.artWith(
      { cwd: clone.path('models') },
      'pull',
      '--only',
      'weights',
      'model.pth',
      '--json',
    )
    const { bytes: moved, weights } = JSON.parse(inModels.stdout) as Pulled
    expect(moved.logical).toBe(bytes.length)
    expect(moved.transferred).toBeLessThan(0.39 * bytes.length)
    expect(weights).toMatchObject([{ path: 'model.safetensors', state: 'written', tensors: 8, ignored: false }])
    const tensors = tensorsIn(clone.path('models/model.safetensors'))
    expect(tensors.size).toBe(8)
    for (const [name, payload] of tensors) {
      const layer = Number(/\d+/.exec(name)![0])
      expect(storages[layer]!.equals(payload), name).toBe(true)
    }
    expect(existsSync(clone.path('models/model.pth'))).toBe(false)
    expect((await clone.art('status')).stdout).toMatch(/model\.pth/)
  })

  test('tells what was written, and that git would take it; again it has nothing to do', async () => {
    const clone = await cloneWith(readFileSync(CNN))
    const first = await clone.ok('pull', '--only', 'weights')
    expect(first.stdout).toMatch(/^written {2}models\/model\.safetensors {2}.*tensors/)
    expect(first.stdout).toMatch(/git does not ignore it.*\n {2}art add models\/model\.safetensors$/m)
    expect((await clone.ok('pull', '--only', 'weights')).stdout).toMatch(/^unchanged {2}/)
    // `art check` would not let it into git by accident, and adding it is what the output says.
    await clone.ok('add', 'models/model.safetensors')
    const { weights } = await clone.json<Pulled>(
      'pull',
      '--only',
      'weights',
      'models/model.pth',
      '-o',
      'copy.safetensors',
    )
    expect(weights[0]!.weights).toMatch(/^sha256:/)
    expect(
      readFileSync(clone.path('copy.safetensors')).equals(readFileSync(clone.path('models/model.safetensors'))),
    ).toBe(true)
  })

  test('refuses what would be lost, and what cannot be meant', async () => {
    const clone = await cloneWith(readFileSync(CNN))
    clone.write('models/model.safetensors', 'mine')
    const refused = await clone.art('pull', '--only', 'weights', '--json')
    expect(refused.code).toBe(1)
    expect(problemsOf(refused)).toMatchObject([{ code: 'WOULD_OVERWRITE', path: 'models/model.pth' }])
    expect(readFileSync(clone.path('models/model.safetensors'), 'utf8')).toBe('mine')
    await clone.ok('pull', '--only', 'weights', '--force')
    await expectProblem(clone, ['pull', '-o', 'x'], { code: 'USAGE', hint: /leave -o out/, exit: 2 })
    await expectProblem(clone, ['pull', '--only', 'weights', '-a'], { code: 'USAGE', exit: 2 })
    await expectProblem(clone, ['pull', '--only', 'optimizer'], { code: 'USAGE', path: 'weights', exit: 2 })
    rmSync(store, { recursive: true })
    rmSync(clone.path('models/model.safetensors'))
    await expectProblem(clone, ['pull', '--only', 'weights'], { code: 'REMOTE_NOT_FOUND' })
    expect(readdirSync(clone.path('models'))).toEqual(['.gitignore', 'model.pth.art'])
  })

  test('finds a remote that gives other weights than the pointer names', async () => {
    const clone = await cloneWith(readFileSync(CNN))
    const pointer = clone.path('models/model.pth.art')
    const text = readFileSync(pointer, 'utf8').replace(/^checkpoint:\n(?: .*\n)*/m, '')
    writeFileSync(pointer, `${text}checkpoint:\n  format: pytorch\n  weights: sha256:${'0'.repeat(64)}\n`)
    const wrong = await clone.art('pull', '--only', 'weights', '--json')
    expect(problemsOf(wrong)).toMatchObject([{ code: 'CORRUPT', path: 'models/model.pth' }])
    expect(existsSync(clone.path('models/model.safetensors'))).toBe(false)
  })
})

describe('art export', () => {
  test('works without a repository, and only once', async () => {
    const cwd = place.path(`alone${count++}`)
    mkdirSync(cwd)
    copyFileSync(CNN, join(cwd, 'cnn.pth'))
    const run = (...args: string[]) => place.run('art', ['export', ...args], { cwd })
    expect((await run('cnn.pth', '--to', 'safetensors')).stdout).toMatch(
      /^written {2}cnn\.safetensors .*\nweights sha256:/,
    )
    expect((await run('cnn.pth', '--to', 'safetensors')).stdout).toMatch(/^unchanged/)
    expect(readdirSync(cwd)).toEqual(['cnn.pth', 'cnn.safetensors'])
    expect(tensorsIn(join(cwd, 'cnn.safetensors')).has('classifier.weight')).toBe(true)
  })

  test('says what is wrong', async () => {
    copyFileSync(CNN, work.path('cnn.pth'))
    await expectProblem(work, ['export', 'cnn.pth'], { code: 'USAGE', hint: /--to safetensors/, exit: 2 })
    await expectProblem(work, ['export', 'cnn.pth', '--to', 'gguf'], { code: 'USAGE', path: 'safetensors', exit: 2 })
    await expectProblem(work, ['export', 'absent.pth', '--to', 'safetensors'], {
      code: 'NOT_FOUND',
      path: 'absent.pth',
    })
    work.write('notes.txt', 'none')
    await expectProblem(work, ['export', 'notes.txt', '--to', 'safetensors'], {
      code: 'UNSUPPORTED',
      path: 'notes.txt',
    })
    work.write('cnn.safetensors', 'mine')
    await expectProblem(work, ['export', 'cnn.pth', '--to', 'safetensors'], {
      code: 'WOULD_OVERWRITE',
      path: 'cnn.safetensors',
      hint: /--force/,
    })
    const written = await work.json<Written>('export', 'cnn.pth', '--to', 'safetensors', '-f')
    expect(written).toMatchObject({ path: 'cnn.safetensors', state: 'written', ignored: false })
  })

  test('reads another revision', async () => {
    copyFileSync(CNN, work.path('cnn.pth'))
    await work.ok('add', 'cnn.pth')
    await work.commit('one')
    copyFileSync(join(DATA, 'simple_cnn_finetuned.pth'), work.path('cnn.pth'))
    await work.ok('add', 'cnn.pth')
    const now = await work.json<Written>('export', 'cnn.pth', '--to', 'safetensors', '-o', 'now.safetensors')
    const before = await work.json<Written>('export', 'HEAD:cnn.pth', '--to', 'safetensors', '-o', 'before.safetensors')
    expect(before.weights).not.toBe(now.weights)
    const [old, young] = [tensorsIn(work.path('before.safetensors')), tensorsIn(work.path('now.safetensors'))]
    const changed = [...old].filter(([name, payload]) => !young.get(name)!.equals(payload)).map(([name]) => name)
    // Only the head was trained.
    expect(changed).toEqual(['classifier.bias', 'classifier.weight'])
  })
})
