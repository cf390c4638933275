import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { FileStore } from '../scan/store-file.ts'
import { mountTmpfs, type TemporaryMount } from '../temporary-mount.ts'
import { codeOf, failureOf, TemporaryWorkspace } from '../temporary-workspace.ts'
import { LARGE_FILE } from './layout.ts'

let mounted: TemporaryMount | undefined
let workspace: TemporaryWorkspace | undefined
afterEach(() => {
  workspace?.remove()
  mounted?.unmount()
  mounted = undefined
  workspace = undefined
})

/** A workspace whose cache lies on a small file system of its own; or why there is none. */
function withCacheOf(size: string): { work: TemporaryWorkspace; mount: TemporaryMount } | string {
  const mount = mountTmpfs(size)
  if (typeof mount === 'string') return mount
  mounted = mount
  workspace = new TemporaryWorkspace(join(mount.path, 'cache'))
  return { work: workspace, mount }
}

it('a disk that is full while small files are added is named, keeps no partial pack, and does no harm', async ({
  skip,
}) => {
  const made = withCacheOf('2m')
  if (typeof made === 'string') return skip(made)
  const { work, mount } = made
  for (let i = 0; i < 60; i++) work.write(`f${i}`, randomBytes(100_000))
  const { packs } = work.cache.layout
  expect(await failureOf(() => work.add())).toMatchObject({ code: 'DISK_FULL', path: packs, details: [] })
  expect([...work.cached('packs'), ...work.cached('temporary')]).toEqual([])
  for (let i = 10; i < 60; i++) rmSync(work.path(`f${i}`))
  const fewer = await work.add()
  expect(fewer.files).toBe(10)
  const filler = join(mount.path, 'filler')
  writeFileSync(filler, Buffer.alloc(statfsFree(mount.path)))
  work.write('more', randomBytes(200_000))
  expect(await codeOf(() => work.add())).toBe('DISK_FULL')
  rmSync(filler)
  expect((await work.add()).files).toBe(11)
})

/** What still fits, less what tmpfs takes for the file itself. */
function statfsFree(path: string): number {
  const used = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + Math.ceil(statSync(join(parentPath, name)).size / 4096) * 4096, 0)
  return (2 << 20) - used - 64 * 1024
}

it('a disk that is full while a large file is added is named, and the large file is not there', async ({ skip }) => {
  const made = withCacheOf('8m')
  if (typeof made === 'string') return skip(made)
  const { work } = made
  work.write('large', randomBytes(9 << 20))
  const { objects } = work.cache.layout
  expect(await failureOf(() => work.add())).toMatchObject({ code: 'DISK_FULL', path: objects })
  const files = new FileStore(work.cache)
  expect(await failureOf(() => files.store(work.path('large')))).toMatchObject({ code: 'DISK_FULL', path: objects })
  expect([...work.cached('objects'), ...work.cached('temporary')]).toEqual([])
  work.write('large', randomBytes(LARGE_FILE))
  expect((await work.add()).files).toBe(1)
})

it('single files that were taken before the disk was full are not taken for stored', async ({ skip }) => {
  const made = withCacheOf('2m')
  if (typeof made === 'string') return skip(made)
  const { work } = made
  const files = new FileStore(work.cache)
  const codes: string[] = []
  for (let i = 0; i < 60; i++) {
    work.write(`f${i}`, randomBytes(100_000))
    codes.push(await codeOf(() => files.store(work.path(`f${i}`))))
  }
  expect(codes[0]).toBe('none')
  expect(codes.at(-1)).toBe('DISK_FULL')
  expect(await codeOf(() => files.finish())).toBe('DISK_FULL')
  expect([...work.cached('packs'), ...work.cached('temporary')]).toEqual([])
})

it('a cache that may not be written to is named', async ({ skip }) => {
  const made = withCacheOf('4m')
  if (typeof made === 'string') return skip(made)
  const { work, mount } = made
  work.write('a', 'x')
  const index = await work.add()
  mount.remount('ro')
  const { packs, objects } = work.cache.layout
  expect((await work.addAgain(index)).oid).toBe(index.oid)
  work.write('b', 'y')
  expect(await failureOf(() => work.add())).toMatchObject({ code: 'PERMISSION', path: packs })
  rmSync(work.path('b'))
  work.write('large', Buffer.alloc(LARGE_FILE))
  expect(await failureOf(() => work.add())).toMatchObject({ code: 'PERMISSION', path: objects })
  rmSync(work.data, { recursive: true })
  expect((await work.checkout(index.root)).failures).toEqual([])
})

it('a workspace that is full while it is checked out is named, and no half of a directory appears', async ({
  skip,
}) => {
  const mount = mountTmpfs('4m')
  if (typeof mount === 'string') return skip(mount)
  mounted = mount
  const work = new TemporaryWorkspace()
  workspace = work
  for (let i = 0; i < 60; i++) work.write(`f${i}`, randomBytes(100_000))
  const { root } = await work.add()
  const narrow = { temporary: join(mount.path, 'tmp') }
  const data = work.data
  Object.assign(work, { data: join(mount.path, 'data') })
  expect(await failureOf(() => work.checkout(root, narrow))).toMatchObject({ code: 'DISK_FULL' })
  expect(readdirSync(mount.path)).toEqual(['tmp'])
  expect(readdirSync(narrow.temporary)).toEqual([])
  Object.assign(work, { data })
})
