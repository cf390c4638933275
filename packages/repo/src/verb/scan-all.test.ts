import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { add } from './add.ts'
import { scan } from './scan.ts'

const DATA = fileURLToPath(new URL('../../../../test/data/models/', import.meta.url))
const SAFE = join(DATA, 'torch/seed.pth')
const UNKNOWN = join(DATA, 'torch/yolo.pth')

let made: TemporaryRepo
beforeEach(async () => {
  made = await TemporaryRepo.create()
})
afterEach(() => made.remove())

it('is of all that is tracked where nothing is named; what is no model is counted', async () => {
  copyFileSync(SAFE, join(made.root, 'a.pth'))
  copyFileSync(UNKNOWN, join(made.root, 'b.pth'))
  made.write('untracked.pth', 'cos\nsystem\n.')
  made.write('data.csv', 'a,b\n')
  expect((await add(await made.open(), ['a.pth', 'b.pth', 'data.csv'])).failed).toEqual([])
  const all = await scan([], { cwd: made.root, environment: made.environment })
  expect(all.scanned.map(({ path, verdict }) => `${verdict} ${path}`)).toEqual(['safe a.pth', 'unknown b.pth'])
  expect(all).toMatchObject({ verdict: 'unknown', others: 1, failed: [] })
  const outside = scan([], { cwd: join(made.root, '..'), environment: made.environment })
  await expect(outside).rejects.toMatchObject({ code: 'USAGE' })
})
