import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { quickHashFile } from '@art/core/hash/quick-hash.ts'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { add } from '../verb/add.ts'
import { status } from '../verb/status.ts'
import { FileIndex } from './file-index.ts'
import { fileIndexPath } from './index-path.ts'

let made: TemporaryRepo
beforeEach(async () => {
  made = await TemporaryRepo.create()
  writeFileSync(join(made.root, 'large'), Buffer.alloc(2 << 20, 1))
})
afterEach(() => made.remove())

const read = async (): Promise<FileIndex> => new FileIndex(fileIndexPath(await made.open()))

it('the index of single files keeps its own seed, by which a touched file is found unchanged', async () => {
  await add(await made.open(), ['large'])
  const { seed } = await read()
  const quick = (index: FileIndex): bigint => {
    const { records, i } = index.get('large')!
    return records.quickHash(i)
  }
  const before = quick(await read())
  expect(before).toBe(await quickHashFile(join(made.root, 'large'), seed))
  utimesSync(join(made.root, 'large'), 5, 5)
  expect((await status(await made.open(), [])).artifacts).toMatchObject([{ state: 'new' }])
  expect([(await read()).seed, quick(await read())]).toEqual([seed, before])
  const nothing = join(made.base, 'nothing')
  expect(new FileIndex(nothing).seed).not.toBe(new FileIndex(nothing).seed)
})
