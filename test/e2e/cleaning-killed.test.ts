import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { temporaryCheckpoint } from '@art/checkpoint/temporary-checkpoint.ts'
import { beforeAll, expect, test } from 'vitest'
import { oneRepository, place, work } from './fresh.ts'

const EPOCHS = 40
const pathOf = (epoch: number): string => `models/cnn_epoch_${epoch}.pth`
const contents = new Map<string, Buffer>()

oneRepository()
beforeAll(async () => {
  await work.ok('remote', 'add', '-d', 'origin', place.path('store'))
  for (let epoch = 1; epoch <= EPOCHS; epoch++)
    contents.set(
      pathOf(epoch),
      temporaryCheckpoint(1, () => randomBytes(40_000), { epoch, valAcc: epoch / 100 }),
    )
  for (const [path, bytes] of contents) work.write(path, bytes)
  await work.ok('add', ...contents.keys())
  await work.commit('training')
  await work.ok('push')
})

/** Kills a command as soon as it has begun to change the tree. */
async function killWhileChanging(isBegun: () => boolean, ...args: string[]): Promise<boolean> {
  let watch: NodeJS.Timeout | undefined
  const onStart = (pid: number): void => {
    watch = setInterval(() => {
      if (!isBegun()) return
      clearInterval(watch)
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It was quicker.
      }
    }, 1)
  }
  const { code } = await work.artWith({ onStart }, ...args)
  clearInterval(watch)
  return code === 'SIGKILL'
}

const left = (): string[] => readdirSync(work.path('models')).filter((name) => name.endsWith('.pth'))

test('a killed prune is completed by the same command, and all of it can be taken back', async () => {
  const commit = await work.git('rev-parse', 'HEAD')
  const rule = ['prune', 'models/*.pth', '--keep-best', '2', '--keep-last', '2', '--no-cloud']
  let hits = 0
  for (const after of [1, 9, 25]) {
    if (await killWhileChanging(() => left().length <= EPOCHS - after, ...rule)) hits++
    // What has lost its data has its pointer, or neither is there.
    for (const path of contents.keys())
      if (existsSync(work.path(path))) expect(existsSync(work.path(`${path}.art`)), path).toBe(true)
    await work.ok(...rule)
    expect(left().sort()).toEqual([`cnn_epoch_${EPOCHS - 1}.pth`, `cnn_epoch_${EPOCHS}.pth`])
    await work.git('add', '-A')
    await work.git('checkout', commit, '--', '.')
    await work.ok('checkout')
    for (const [path, bytes] of contents) expect(readFileSync(work.path(path)).equals(bytes), path).toBe(true)
  }
  expect(hits).toBeGreaterThan(0)
})

test('a killed archive is completed by the same command, and so is its way back', async () => {
  let hits = 0
  // Lines may come back in another order.
  const ignored = (): string[] => readFileSync(work.path('models/.gitignore'), 'utf8').split('\n').sort()
  const before = ignored()
  const away = (): number =>
    existsSync(work.path('models/archived')) ? readdirSync(work.path('models/archived')).length : 0
  for (const after of [2, 20]) {
    if (await killWhileChanging(() => away() > after, 'archive', 'models')) hits++
    await work.ok('archive', 'models')
    expect(left()).toEqual([])
    expect(readdirSync(work.path('models/archived')).filter((name) => name.endsWith('.art'))).toHaveLength(EPOCHS)
    if (await killWhileChanging(() => away() < EPOCHS - after, 'unarchive', 'models/archived')) hits++
    if (away() > 0) await work.ok('unarchive', 'models/archived')
    await work.ok('checkout')
    for (const [path, bytes] of contents) expect(readFileSync(work.path(path)).equals(bytes), path).toBe(true)
    expect(ignored()).toEqual(before)
    expect(await work.git('status', '--porcelain', '-uall')).toMatch(/^(?: ?M models\/\.gitignore)?$/)
  }
  expect(hits).toBeGreaterThan(0)
})
