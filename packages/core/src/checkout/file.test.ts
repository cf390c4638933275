import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { LARGE_FILE } from '../cache/layout.ts'
import { Linker } from '../link/link.ts'
import { FileStore } from '../scan/store-file.ts'
import { eachWorkspace } from '../temporary-each.ts'
import { failureOf } from '../temporary-workspace.ts'
import { checkoutFile } from './file.ts'

const work = eachWorkspace()

const restore = (target: string, file: { oid: string; size: number; executable: boolean }): void =>
  checkoutFile(target, file, { cache: work.cache, linker: new Linker(['reflink', 'copy']), temporary: work.temporary })

it('single files come back as they were stored, small and large ones, through links', async () => {
  work.write('empty', '')
  work.write('small', 'x', 0o755)
  work.write('border', Buffer.alloc(LARGE_FILE - 1, 1))
  work.write('large', Buffer.alloc(LARGE_FILE, 2))
  symlinkSync('small', work.path('link'))
  const before = work.listing()
  const files = new FileStore(work.cache)
  const stored = []
  for (const name of ['empty', 'small', 'border', 'large', 'link']) {
    stored.push({ name, ...(await files.store(work.path(name))) })
  }
  await files.finish()
  expect(work.cached('packs')).toHaveLength(1)
  expect(work.cached('objects')).toHaveLength(1)
  for (const { name, ...file } of stored) restore(join(work.data, 'new', 'folder', name), file)
  const after = work.listing()
  for (const name of ['empty', 'small', 'border', 'large']) expect(after[`new/folder/${name}`]).toBe(before[name])
  expect(after['new/folder/link']).toBe(before['small'])
  expect(readdirSync(work.temporary)).toEqual([])
})

it('a file replaces what is there, or nothing changes and the path is named', async () => {
  work.write('f', 'content')
  const files = new FileStore(work.cache)
  const file = await files.store(work.path('f'))
  await files.finish()
  work.write('f', 'other')
  restore(work.path('f'), file)
  expect(readFileSync(work.path('f'), 'utf8')).toBe('content')
  rmSync(work.path('f'))
  mkdirSync(work.path('f'))
  writeFileSync(work.path('f', 'inside'), 'mine')
  expect(await failureOf(() => restore(work.path('f'), file))).toMatchObject({ path: work.path('f') })
  expect(readFileSync(work.path('f', 'inside'), 'utf8')).toBe('mine')
  for (const size of [7, LARGE_FILE]) {
    const missing = { oid: '0'.repeat(64), size, executable: false }
    expect(await failureOf(() => restore(work.path('g'), missing))).toMatchObject({
      code: 'NOT_CACHED',
      path: work.path('g'),
    })
  }
  expect(existsSync(work.path('g'))).toBe(false)
  expect(readdirSync(work.temporary)).toEqual([])
  expect(statSync(work.path('f')).isDirectory()).toBe(true)
})
