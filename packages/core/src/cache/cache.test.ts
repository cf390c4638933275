import { mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hashFile } from '../hash/hash-file.ts'
import { quickHasher, quickHashFile } from '../hash/quick-hash.ts'
import { sha256, toHex } from '../oid.ts'
import { eachWorkspace } from '../temporary-each.ts'
import { codeOf, failureOf, TemporaryWorkspace } from '../temporary-workspace.ts'
import { isCache, LARGE_FILE, objectPath, packPath, temporaryPath } from './layout.ts'
import { storeLargeFile } from './large.ts'

const work = eachWorkspace()

describe('a cache', () => {
  it('tells what it holds, by content and size', async () => {
    const large = Buffer.alloc(LARGE_FILE, 1)
    work.write('small', 'x')
    work.write('large', large)
    const { root } = await work.add()
    const { cache } = work
    expect(cache.hasFile(sha256(Buffer.from('x')), 1)).toBe(true)
    expect(cache.hasFile(sha256(Buffer.from('y')), 1)).toBe(false)
    expect(cache.hasFile(sha256(large), LARGE_FILE)).toBe(true)
    expect(cache.hasFile(sha256(large), LARGE_FILE + 1)).toBe(false)
    expect(cache.largeSize(toHex(sha256(Buffer.from('x'))))).toBeUndefined()
    expect([cache.hasNode(root), cache.hasFolder(root, 2), cache.hasFolder(sha256(large), 2)]).toEqual([
      true,
      true,
      false,
    ])
    expect(await codeOf(() => cache.readNode(sha256(large)))).toBe('NOT_CACHED')
  })

  it('sees what others have put there only when it looks again', async () => {
    const empty = work.cache
    expect(empty.hasNode(sha256(Buffer.from('x')))).toBe(false)
    const other = new TemporaryWorkspace(empty.layout.root)
    other.write('a', 'x')
    await other.add()
    expect(empty.hasFile(sha256(Buffer.from('x')), 1)).toBe(false)
    empty.reload()
    expect(empty.hasFile(sha256(Buffer.from('x')), 1)).toBe(true)
    other.remove()
  })

  it('names packs that cannot be read, and does without them', async () => {
    work.write('a', 'x')
    const { root } = await work.add()
    const broken = packPath(work.cache.layout, 'broken')
    writeFileSync(broken, 'x')
    work.cache.reload()
    expect(work.cache.hasNode(root)).toBe(true)
    expect(work.cache.damaged.map(({ code, path }) => [code, path])).toEqual([['CORRUPT', broken]])
  })

  it('removes what a killed command has left behind for a day, and nothing younger', async () => {
    await work.add()
    const [old, young] = [temporaryPath(work.cache.layout), temporaryPath(work.cache.layout)]
    for (const path of [old, young]) writeFileSync(path, 'x')
    utimesSync(old, 1, 1)
    work.cache.collectTemporaries()
    expect(work.cached('temporary')).toEqual([basename(young)])
    rmSync(work.cache.layout.root, { recursive: true })
    work.cache.collectTemporaries()
  })

  it('never removes what art did not name, however old: the folder may be somebody else’s', async () => {
    await work.add()
    const { temporary } = work.cache.layout
    const folder = temporaryPath(work.cache.layout)
    mkdirSync(folder)
    for (const name of ['report.pdf', '12-34', 'x-0123456789abcdef0123456789abcdef'])
      writeFileSync(join(temporary, name), 'x')
    writeFileSync(join(folder, 'inside'), 'x')
    const before = readdirSync(temporary, { recursive: true, encoding: 'utf8' }).toSorted()
    for (const name of before) utimesSync(join(temporary, name), 1, 1)
    work.cache.collectTemporaries()
    expect(readdirSync(temporary, { recursive: true, encoding: 'utf8' }).toSorted()).toEqual(before)
  })

  it('is told from any other folder, which may have folders of the same names', async () => {
    expect(isCache(work.cache.layout.root)).toBe(false)
    for (const name of ['objects', 'packs', 'tmp']) mkdirSync(work.path('other', name), { recursive: true })
    expect(isCache(work.path('other'))).toBe(false)
    await work.add()
    expect(isCache(work.cache.layout.root)).toBe(true)
  })

  it('that is no folder is named', async () => {
    writeFileSync(work.cache.layout.root, 'x')
    const { code, path } = await failureOf(() => work.add())
    expect([code, path.startsWith(work.cache.layout.root)]).toEqual(['IO', true])
  })
})

describe('a large file', () => {
  it('is stored under the sha256 of its bytes, and told with its xxh64', async () => {
    await work.add()
    for (const size of [LARGE_FILE, (4 << 20) - 1, 4 << 20, (12 << 20) + 1]) {
      const content = Buffer.alloc(size, size % 251)
      work.write('large', content)
      let told = 0
      const onEvent = (event: { type: string; bytes?: number }): number => (told += event.bytes ?? 0)
      const seed = BigInt(size)
      const stored = await storeLargeFile(work.cache.layout, work.path('large'), false, { onEvent, seed })
      const object = objectPath(work.cache.layout, stored.oid)
      expect([stored.oid, stored.size, told]).toEqual([toHex(sha256(content)), size, size])
      expect(toHex(hashFile(object))).toBe(stored.oid)
      expect(await quickHashFile(object, seed)).toBe(stored.quickHash)
      expect(statSync(object).mode & 0o222).toBe(0)
    }
  })

  it('that is aborted half way is not there', async () => {
    await work.add()
    work.write('large', Buffer.alloc(9 << 20, 1))
    const abort = new AbortController()
    const options = { signal: abort.signal, onEvent: () => abort.abort() }
    await expect(storeLargeFile(work.cache.layout, work.path('large'), false, options)).rejects.toThrow('abort')
    expect([...work.cached('objects'), ...work.cached('temporary')]).toEqual([])
  })

  it('has the xxh64 that everybody computes', async () => {
    const hasher = await quickHasher()
    expect(hasher.update('abc').digest()).toBe(0x44bc2cf5ad770999n)
    // The sanity check of xxHash itself: nothing, by the seed 2654435761.
    expect((await quickHasher(2_654_435_761n)).digest()).toBe(0xac75fda2929b17efn)
  })
})
