import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DATA, Place, type Work } from './harness.ts'
import { expectProblem } from './problem.ts'

interface Resumed {
  path: string
  state: string
  epoch: number | null
  startEpoch: number | null
  optimizer?: { kind: string }
  considered: number
  passed: string[]
}

const FIRST = join(DATA, 'simple_cnn.pth')
const SECOND = join(DATA, 'simple_cnn_finetuned.pth')
const SEED = join(DATA, 'models/torch/seed.pth')

/** A model of one weight that says at which epoch it was saved, and has no optimizer. */
function weightsOnly(epoch: number): Buffer {
  const weight = { dtype: 'F32', shape: [1], data_offsets: [0, 4] }
  const header = JSON.stringify({ __metadata__: { epoch: String(epoch) }, weight })
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([size, Buffer.from(header), Buffer.alloc(4)])
}

let place: Place
let work: Work
beforeAll(async () => {
  place = new Place()
  work = await place.repository('work')
  await work.ok('remote', 'add', '-d', 'origin', place.path('store'))
  work.write('runs/cnn_1.pth', readFileSync(FIRST))
  work.write('runs/cnn_2.pth', readFileSync(SECOND))
  work.write('runs/cnn_3.safetensors', weightsOnly(99))
  work.write('runs/notes.txt', 'text')
  await work.ok('add', ...['cnn_1.pth', 'cnn_2.pth', 'cnn_3.safetensors', 'notes.txt'].map((name) => `runs/${name}`))
  await work.commit('runs')
  await work.ok('push')
})
afterAll(() => place.dispose())

describe('art resume', () => {
  test.each(['cnn', 'runs', 'runs/cnn', 'runs/*'])('finds the newest with optimizer state by %s', async (name) => {
    expect(await work.json<Resumed>('resume', name)).toMatchObject({
      path: 'runs/cnn_2.pth',
      state: 'ok',
      epoch: 5,
      startEpoch: 6,
      optimizer: { kind: 'Adam' },
      considered: 3,
      passed: ['runs/cnn_3.safetensors'],
    })
  })

  test('brings it to the workspace, and prints the path for scripts', async () => {
    rmSync(work.path('runs/cnn_2.pth'))
    const { stdout } = await work.ok('resume', 'cnn')
    expect(stdout).toMatch(/^runs\/cnn_2\.pth {2}brought from the cache\n {2}start from epoch 6 /)
    expect(stdout).toContain('passed over, without optimizer state: runs/cnn_3.safetensors')
    expect(readFileSync(work.path('runs/cnn_2.pth'))).toEqual(readFileSync(SECOND))
    expect((await work.ok('-C', work.path('runs'), 'resume', '-q', 'cnn')).stdout).toBe('cnn_2.pth\n')
  })

  test('takes what training has written since, and leaves it as it is', async () => {
    copyFileSync(SEED, work.path('runs/cnn_1.pth'))
    const found = await work.json<Resumed>('resume', 'cnn')
    expect(found).toMatchObject({ path: 'runs/cnn_1.pth', state: 'modified', epoch: 41, startEpoch: 42 })
    expect(readFileSync(work.path('runs/cnn_1.pth'))).toEqual(readFileSync(SEED))
    work.write('runs/cnn_1.pth', readFileSync(SEED).subarray(0, 3000))
    expect(await work.json<Resumed>('resume', 'cnn')).toMatchObject({ path: 'runs/cnn_2.pth' })
    copyFileSync(FIRST, work.path('runs/cnn_1.pth'))
  })

  test('takes the one that was committed last, where epochs are equal', async () => {
    work.write('twins/a.pth', readFileSync(SEED))
    await work.ok('add', 'twins/a.pth')
    await work.commit('a')
    work.write('twins/b.pth', readFileSync(join(DATA, 'models/torch/seed.legacy.pth')))
    await work.ok('add', 'twins/b.pth')
    await work.git('add', '-A')
    const late = { GIT_COMMITTER_DATE: '2037-01-01T00:00:00Z' }
    await place.run('git', ['commit', '-qm', 'b'], { cwd: work.folder, env: late })
    expect(await work.json<Resumed>('resume', 'twins')).toMatchObject({ path: 'twins/b.pth', epoch: 41 })
  })

  test('brings what the pointer names where the data is of an earlier commit', async () => {
    const other = await place.repository('outdated')
    for (const content of [FIRST, SECOND]) {
      other.write('last.pth', readFileSync(content))
      await other.ok('add', 'last.pth')
      await other.commit('last')
    }
    await other.git('checkout', '-q', 'HEAD~1')
    await other.ok('checkout')
    await other.git('checkout', '-q', '-')
    expect(await other.json<Resumed>('resume', 'last')).toMatchObject({ state: 'checked-out', epoch: 5 })
    expect(readFileSync(other.path('last.pth'))).toEqual(readFileSync(SECOND))
  })

  test('in a clone brings it from the remote, and nothing else', async () => {
    const clone = await place.clone(work.folder, 'clone')
    expect(await clone.json<Resumed>('resume', 'cnn')).toMatchObject({ path: 'runs/cnn_2.pth', state: 'fetched' })
    expect(await clone.json<Resumed>('resume', 'cnn')).toMatchObject({ path: 'runs/cnn_2.pth', state: 'ok' })
    expect(readdirSync(clone.path('runs')).filter((name) => name.endsWith('.pth'))).toEqual(['cnn_2.pth'])
  })

  test('says by name what is wrong', async () => {
    await expectProblem(work, ['resume'], { code: 'USAGE', hint: /art resume <name>/, exit: 2 })
    await expectProblem(work, ['resume', 'absent'], { code: 'NOT_TRACKED', path: 'absent' })
    await expectProblem(work, ['resume', 'runs/notes.txt'], { code: 'NOT_FOUND', path: 'runs/notes.txt' })
    await expectProblem(work, ['resume', 'runs/cnn_3.safetensors'], {
      code: 'NOT_FOUND',
      hint: /optimizer\.state_dict/,
    })
  })
})
