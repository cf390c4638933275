import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cacheLayout } from '@art/core/cache/layout.ts'
import { temporaryCheckpoint } from '@art/checkpoint/temporary-checkpoint.ts'
import { damageInPacks } from '@art/core/temporary-damage.ts'
import { formatTagMessage } from '@art/registry/tag/message.ts'
import { Place, Work } from './harness.ts'
import { expectProblem } from './problem.ts'
import { noise } from './tree.ts'

interface Pruned {
  pruned: { path: string; value: number | string | null; epoch: number | null; dataDeleted: boolean }[]
  kept: { path: string; reasons: { by: string; detail?: string }[] }[]
  bytes: { workspace: number; cache: number; remote: number | null }
  heldBy: { ref: string; artifacts: number }[]
}

const EPOCHS = 30
const RULE = ['--keep-best', '3', '--by', 'val_acc', '--keep-last', '2']
/** Rises, and is the highest at epoch 20. */
const accuracy = (epoch: number): number => Number((0.9 - Math.abs(20 - epoch) / 100).toFixed(4))
const pathOf = (epoch: number): string => `models/cnn_epoch_${epoch}.pth`
const all = Array.from({ length: EPOCHS }, (_, i) => i + 1)
const BYTES = 150_000

/** Half of each is the same in all of them, as a backbone that is not trained is. */
const checkpoint = (epoch: number): Buffer =>
  temporaryCheckpoint(2, (i) => noise(BYTES, i < 3 ? i : epoch * 10 + i), { epoch, valAcc: accuracy(epoch) })

let place: Place
let work: Work
let contents: Map<string, Buffer>
beforeAll(async () => {
  place = new Place()
  work = await place.repository('work')
  await work.ok('remote', 'add', '-d', 'origin', place.path('store'))
  contents = new Map(all.map((epoch) => [pathOf(epoch), checkpoint(epoch)]))
  contents.set(
    'models/resnet50_epoch_2.pth',
    temporaryCheckpoint(1, () => randomBytes(4096), { epoch: 2, valAcc: 0.1 }),
  )
  for (const [path, bytes] of contents) work.write(path, bytes)
  work.write('models/best.pth', contents.get(pathOf(11))!)
  await work.ok('add', ...contents.keys(), 'models/best.pth')
  await work.commit('training')
  await work.ok('push')
})
afterAll(() => place.dispose())

const json = (...more: string[]) => work.json<Pruned>('prune', 'models/*_epoch_*.pth', ...RULE, ...more)
const reasons = ({ kept }: Pruned): Record<string, string> =>
  Object.fromEntries(
    kept.map(({ path, reasons: some }) => [
      path,
      some
        .map(({ by }) => by)
        .sort()
        .join(' '),
    ]),
  )

describe('art prune', () => {
  test('lists what would go and what stays, and why', async () => {
    const told = async (subject: string, epoch: number): Promise<string> =>
      formatTagMessage(subject, { path: 'models/cnn.pth', oid: await oidOf(epoch), kind: 'f' })
    await work.git('tag', '-a', 'cnn@v1.0.0', '-m', await told('Release', 5))
    await work.git('tag', '-a', 'cnn#prod#1', '-m', await told('Assign', 6), 'HEAD')
    await work.git('branch', 'experiment')
    const found = await json('-n')
    expect(reasons(found)).toEqual({
      [pathOf(30)]: 'last resume',
      [pathOf(29)]: 'last',
      [pathOf(21)]: 'best',
      [pathOf(20)]: 'best',
      [pathOf(19)]: 'best',
      [pathOf(11)]: 'shared',
      [pathOf(5)]: 'released staged',
      'models/resnet50_epoch_2.pth': 'best last resume',
    })
    expect(found.pruned).toHaveLength(EPOCHS - 7)
    expect(found.kept.find(({ path }) => path === pathOf(11))?.reasons[0]?.detail).toBe('models/best.pth')
    expect(found.heldBy.map(({ ref }) => ref).sort()).toEqual(['cnn#prod#1', 'cnn@v1.0.0', 'experiment'])
    expect(found.heldBy[0]!.artifacts).toBe(EPOCHS - 7)
    expect(all.every((epoch) => existsSync(work.path(pathOf(epoch))))).toBe(true)
    const { stdout } = await work.ok('prune', 'models/*_epoch_*.pth', ...RULE, '-n')
    expect(stdout).toMatch(/^would go: 23 checkpoints\n/)
    expect(stdout).toContain('the same content as models/best.pth')
    expect(stdout).toContain('released: cnn@v1.0.0')
    expect(stdout).not.toContain('to take it back')
  })

  test('frees what du says, here and on the remote', async () => {
    const [before, found] = [await du(), await json('-n')]
    const size = contents.get(pathOf(1))!.length
    expect(found.bytes.workspace).toBe(found.pruned.length * size)
    // The frozen half stays with those that stay.
    expect(found.bytes.remote).toBeLessThan(found.bytes.cache * 0.9)
    expect(found.bytes.remote).toBeGreaterThan(found.bytes.cache * 0.4)
    await json()
    const after = await du()
    expect(before.total.here.stored - after.total.here.stored).toBe(found.bytes.cache)
    expect(before.total.remote.stored - after.total.remote.stored).toBe(found.bytes.remote)
    expect(after.cache.unnamed - before.cache.unnamed).toBe(found.bytes.cache)
    await work.git('checkout', 'HEAD', '--', '.')
    await work.ok('checkout')
  })

  test('deletes data, pointers and ignore lines, and the printed line takes it back, also after a commit', async () => {
    const { stdout } = await work.ok('prune', 'models/*_epoch_*.pth', ...RULE)
    const undo = /^ {2}(art prune --undo .*)$/m.exec(stdout)![1]!
    const ignores = await work.git('show', 'HEAD:models/.gitignore')
    const gone = all.filter((epoch) => !existsSync(work.path(`${pathOf(epoch)}.art`)))
    expect(gone).toHaveLength(EPOCHS - 7)
    expect(gone.filter((epoch) => existsSync(work.path(pathOf(epoch))))).toEqual([])
    expect(readFileSync(work.path('models/.gitignore'), 'utf8').split('\n')).toHaveLength(EPOCHS - gone.length + 3)
    await work.commit('prune')
    expect((await work.ok('status')).stdout).toContain('have what the pointers name')
    expect(undo.length).toBeLessThan(80)
    // What was kept may have another pointer since.
    await work.ok('add', pathOf(30), '--desc', 'mine')
    const mine = readFileSync(work.path(`${pathOf(30)}.art`), 'utf8')
    const { code, stderr } = await place.run('sh', ['-c', undo], { cwd: work.folder })
    expect(code, stderr).toBe(0)
    expect(readFileSync(work.path('models/.gitignore'), 'utf8').trim()).toBe(ignores.trim())
    expect(readFileSync(work.path(`${pathOf(30)}.art`), 'utf8')).toBe(mine)
    await work.git('checkout', '-q', 'HEAD', '--', `${pathOf(30)}.art`)
    expect((await work.ok(...undo.split(' ').slice(1, 4), 'models')).stdout).toContain('nothing is missing')
    expect(await work.json('prune', '--undo', 'HEAD~1', 'models', '-n')).toMatchObject({ restored: [], failed: [] })
    const nothing = await work.art('prune', '--undo', 'HEAD', 'nothing/here')
    expect([nothing.code, nothing.stdout]).toEqual([1, ''])
    expect((await work.art('prune', '--undo', 'HEAD~1', 'models', '--keep-last', '1')).code).toBe(2)
    for (const [path, bytes] of contents) expect(readFileSync(work.path(path)).equals(bytes), path).toBe(true)
    expect(await work.git('status', '--porcelain', '-uall')).not.toMatch(/\?\? .*\.pth$/m)
    await work.commit('back')
  })

  test('brings nothing back into a tracked directory, over other data or past an ignore line, nor what is no pointer', async () => {
    const other = await place.repository('undo')
    for (const path of ['a/x.bin', 'b/x.bin', 'c/x.bin']) other.write(path, noise(100, path.charCodeAt(0)))
    await other.ok('add', 'a/x.bin', 'b/x.bin', 'c/x.bin')
    other.write('d/x.bin.art', 'no pointer\n')
    await other.commit('all')
    await other.git('rm', '-rq', 'a', 'b', 'c', 'd')
    for (const folder of ['a', 'b', 'c', 'd']) rmSync(other.path(folder), { recursive: true, force: true })
    await other.commit('none')
    other.write('a/y', 'y')
    await other.ok('add', 'a')
    other.write('b/x.bin', 'mine')
    other.write('.gitignore', `${readFileSync(other.path('.gitignore'), 'utf8')}/c/*.art\n`)
    const undo = ['prune', '--undo', 'HEAD~1', 'a/x.bin', 'b', 'c', 'd']
    const { code, stdout } = await other.art(...undo, '--json')
    const { restored, failed } = JSON.parse(stdout) as { restored: string[]; failed: { path: string; code: string }[] }
    // Its pointer is back, beside what lies there.
    expect([code, restored]).toEqual([1, ['b/x.bin']])
    expect(Object.fromEntries(failed.map(({ path, code: why }) => [path, why]))).toEqual({
      'a/x.bin': 'OVERLAP',
      'b/x.bin': 'WOULD_OVERWRITE',
      'c/x.bin': 'GIT',
      'd/x.bin': 'POINTER_INVALID',
    })
    expect(['a/x.bin.art', 'c/x.bin.art', 'd'].filter((path) => existsSync(other.path(path)))).toEqual([])
    expect(readFileSync(other.path('b/x.bin'), 'utf8')).toBe('mine')
    expect((await other.art(...undo)).stdout).not.toContain('nothing is missing')
  })

  test('keeps what would be lost: changed data, and pointers that are not committed', async () => {
    writeFileSync(work.path(pathOf(1)), 'training writes')
    work.write('models/cnn_epoch_0.pth', checkpoint(0))
    await work.ok('add', 'models/cnn_epoch_0.pth')
    const found = await json()
    expect(reasons(found)).toMatchObject({ [pathOf(1)]: 'modified unranked', 'models/cnn_epoch_0.pth': 'uncommitted' })
    expect(readFileSync(work.path(pathOf(1)), 'utf8')).toBe('training writes')
    expect(existsSync(work.path('models/cnn_epoch_0.pth'))).toBe(true)
    rmSync(work.path(pathOf(1)))
    await work.git('checkout', 'HEAD', '--', '.')
    await work.ok('checkout')
  })

  test('keeps what the cache holds only damaged, though nobody has seen that yet', async () => {
    const copy = new Work(place, place.path('damaged'))
    await place.run('cp', ['-a', work.folder, copy.folder])
    const own = contents.get(pathOf(2))!.subarray(-5_000, -4_000)
    expect(damageInPacks(cacheLayout(copy.path('.art/cache')), own).length).toBeGreaterThan(0)
    const found = await copy.json<Pruned>('prune', 'models/*_epoch_*.pth', ...RULE, '--no-cloud')
    expect(reasons(found)[pathOf(2)]).toBe('uncached')
    expect(readFileSync(copy.path(pathOf(2))).equals(contents.get(pathOf(2))!)).toBe(true)
  })

  test('keeps what the registry file says is released, in a clone without tags too', async () => {
    const entry = { name: 'cnn', version: '1.0.0', tag: 'cnn@v1.0.0', oid: `sha256:${await oidOf(5)}` }
    work.write('models/registry.json', JSON.stringify({ models: [entry] }))
    await work.commit('files of the release')
    const { code } = await place.run('git', ['clone', '-q', '--no-tags', work.folder, place.path('no-tags')])
    expect(code).toBe(0)
    const copy = new Work(place, place.path('no-tags'))
    const found = await copy.json<Pruned>('prune', 'models/*_epoch_*.pth', ...RULE, '-n')
    expect(found.kept.find(({ path }) => path === pathOf(5))?.reasons).toEqual([
      { by: 'released', detail: 'cnn@v1.0.0' },
    ])
  })

  test('says by name what is wrong', async () => {
    const prune = (...args: string[]) => ['prune', ...args]
    await expectProblem(work, prune('models'), { code: 'USAGE', hint: /--keep-best or --keep-last/, exit: 2 })
    await expectProblem(work, prune('models', '--keep-best', '0'), { code: 'USAGE', exit: 2 })
    await expectProblem(work, prune('models', '--keep-best', '1', '--by', 'val_ac'), {
      code: 'USAGE',
      hint: /val_acc/,
      exit: 2,
    })
    await expectProblem(work, prune('absent*', '--keep-last', '1'), { code: 'NOT_TRACKED', path: 'absent*' })
    await expectProblem(work, prune('models', '--keep-last', '1', '--lowest', '--highest'), { code: 'USAGE', exit: 2 })
  })
})

async function oidOf(epoch: number): Promise<string> {
  return /oid: sha256:([0-9a-f]{64})/.exec(readFileSync(work.path(`${pathOf(epoch)}.art`), 'utf8'))![1]!
}

interface Du {
  total: { here: { stored: number }; remote: { stored: number } }
  cache: { unnamed: number }
}
const du = () => work.json<Du>('du', '-c')
