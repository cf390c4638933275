import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Cache } from '../cache/cache.ts'
import { LARGE_FILE, objectPath } from '../cache/layout.ts'
import { PackReader } from '../cache/pack-reader.ts'
import { CHUNK_MAX } from '../chunk/chunker.ts'
import { hashFile } from '../hash/hash-file.ts'
import { quickHashFile } from '../hash/quick-hash.ts'
import type { DirIndex } from '../index/dir-index.ts'
import { indexFromTree, members } from '../index/from-tree.ts'
import { sha256, toHex } from '../oid.ts'
import { eachWorkspace } from '../temporary-each.ts'

const work = eachWorkspace()

/** Every content that the tree names, read and verified. */
function verifyCached(cache: Cache, root: Uint8Array): void {
  const reader = new PackReader(cache.packs)
  for (const { section, i } of members(indexFromTree(root, cache.readNode))) {
    const oid = section.records.oid(i)
    if (section.records.size(i) < LARGE_FILE) reader.read(oid)
    else expect(hashFile(objectPath(cache.layout, toHex(oid)))).toEqual(Buffer.from(oid))
  }
}

async function addFromNothing(): Promise<string> {
  const other = work.cache
  work.cache = new Cache(join(work.root, `cache-${readdirSync(work.root).length}`))
  try {
    return (await work.add()).oid
  } finally {
    work.cache.close()
    rmSync(work.cache.layout.root, { recursive: true })
    work.cache = other
  }
}

describe('the content of a directory', () => {
  it('is named by the bytes in the cache, with its executable bits, links and empty folders', async () => {
    work.write('b.txt', 'hello\n', 0o755)
    symlinkSync('b.txt', work.path('link'))
    mkdirSync(work.path('sub'))
    const { oid, files, bytes, root } = await work.add()
    // The example of docs/formats.md.
    expect(oid).toBe('a19c2464cc20912e480d3e5ebefdb8e41d69c846d8fbe9fcd7acb93f6ec8e392')
    expect([files, bytes]).toEqual([2, 11])
    verifyCached(work.cache, root)
  })

  it('is kept once, however often it occurs', async () => {
    const large = Buffer.alloc(LARGE_FILE, 'x')
    for (const name of ['a', 'b', 'sub/a', 'sub/b']) {
      work.write(name, 'same')
      work.write(`${name}.large`, large)
    }
    await work.add()
    expect(work.cached('objects')).toHaveLength(1)
    const before = work.cached('packs')
    await work.add()
    expect(work.cached('packs')).toEqual(before)
    const contents = work.cache.packs.tables.reduce((sum, table) => sum + table.count, 0)
    expect(contents).toBe(3)
  })

  it('is complete when a folder is wide', async () => {
    for (let i = 0; i < 5000; i++) work.write(`f${i}`, String(i))
    const index = await work.add()
    expect(index.files).toBe(5000)
    verifyCached(work.cache, index.root)
    work.write('f4711', 'changed')
    rmSync(work.path('f1024'))
    work.write('f1024a', 'new')
    const again = await work.addAgain(index)
    expect(again.oid).toBe(await addFromNothing())
    verifyCached(work.cache, again.root)
  })

  it('is an empty tree where there is nothing', async () => {
    const { oid, files } = await work.add()
    expect([oid, files]).toEqual(['4cea4bf242822ca9cf5f6ad17dc6b7241641dd17e0a34108d618da652b62e92c', 0])
  })
})

const names = ['a', 'b', 'ab', 'a-b', 'é', '\u{1f600}', '\uffee', 'B']
const path = fc.oneof(
  fc.constantFrom(...names),
  fc.tuple(fc.constantFrom('d', 'e'), fc.constantFrom(...names)).map((parts) => parts.join('/')),
  fc.tuple(fc.constantFrom('d/d', 'e/f'), fc.constantFrom(...names)).map((parts) => parts.join('/')),
)
const sizes = [0, 1, 100, CHUNK_MAX - 1, CHUNK_MAX, CHUNK_MAX + 1, LARGE_FILE - 1, LARGE_FILE, LARGE_FILE + 1]
const size = fc.oneof({ weight: 6, arbitrary: fc.nat(200) }, { weight: 1, arbitrary: fc.constantFrom(...sizes) })
const edit = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('write' as const), path, size, seed: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('remove' as const), path }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('rename' as const), path, to: path }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('mode' as const), path, executable: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('link' as const), path, to: fc.constantFrom('a', 'x/y', '.') }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('folder' as const), path }) },
)
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never

let clock = 1_600_000_000

/** Does what can be done, and gives whatever it writes an mtime that nothing had before. */
function apply(one: Edit): void {
  const target = work.path(one.path)
  try {
    switch (one.type) {
      case 'write':
        work.write(one.path, Buffer.alloc(one.size, one.seed + 65))
        return utimesSync(target, clock, clock++)
      case 'remove':
        return rmSync(target, { recursive: true, force: true })
      case 'rename':
        return renameSync(target, work.path(one.to))
      case 'mode':
        chmodSync(target, one.executable ? 0o755 : 0o644)
        return utimesSync(target, clock, clock++)
      case 'link':
        return symlinkSync(one.to, target)
      case 'folder':
        mkdirSync(target, { recursive: true })
    }
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).errno !== 'number') throw error
  }
}

describe('adding again', () => {
  it('gives what adding from nothing gives, and leaves everything in the cache', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(edit, { maxLength: 8 }), { minLength: 2, maxLength: 4 }), async (rounds) => {
        work.remove()
        work.begin()
        let index: DirIndex | undefined
        for (const edits of rounds) {
          for (const one of edits) apply(one)
          const added = index === undefined ? await work.add() : await work.addAgain(index)
          expect(added.oid).toBe(await addFromNothing())
          expect(added.files).toBe([...members(added)].length)
          verifyCached(work.cache, added.root)
          index = added
        }
      }),
      { numRuns: 60 },
    )
  })

  it('reads nothing where nothing changed', async () => {
    for (let i = 0; i < 10; i++) work.write(`sub/f${i}`, `content ${i}`)
    work.write('large', Buffer.alloc(LARGE_FILE, 1))
    const index = await work.add()
    let read = 0
    const onEvent = (event: { type: string; files?: number }): void => {
      if (event.type === 'progress') read += event.files ?? 0
    }
    expect((await work.addAgain(index, { onEvent })).oid).toBe(index.oid)
    expect(read).toBe(0)
  })

  it('stores again what the cache has lost, though the index knows it', async () => {
    for (let i = 0; i < 300; i++) work.write(`wide/${i}`, `content ${i}`)
    work.write('large', Buffer.alloc(LARGE_FILE, 1))
    symlinkSync('large', work.path('link'))
    const index = await work.add()
    rmSync(work.cache.layout.root, { recursive: true })
    work.cache.reload()
    expect((await work.addAgain(index)).oid).toBe(index.oid)
    verifyCached(work.cache, index.root)
    work.write('wide/7', 'changed')
    const later = await work.addAgain(index)
    for (const pack of work.cached('packs')) {
      rmSync(join(work.cache.layout.packs, pack))
      work.cache.reload()
      expect((await work.addAgain(later)).oid).toBe(later.oid)
      verifyCached(work.cache, later.root)
    }
    rmSync(objectPath(work.cache.layout, work.cached('objects')[0]!.replace('/', '')))
    expect((await work.addAgain(later)).oid).toBe(later.oid)
    verifyCached(work.cache, later.root)
  })

  it('stores a large file again whose object was cut off or written to', async () => {
    const content = Buffer.alloc(LARGE_FILE + 7, 1)
    work.write('large', content)
    const index = await work.add()
    const object = objectPath(work.cache.layout, toHex(sha256(content)))
    for (const damaged of [content.subarray(1), Buffer.alloc(LARGE_FILE + 7, 2)]) {
      writeFileSync(object, damaged)
      expect((await work.addAgain(index)).oid).toBe(index.oid)
      verifyCached(work.cache, index.root)
    }
  })

  it('reads a large file that was only touched by a quick hash, and keeps its name', async () => {
    work.write('large', Buffer.alloc(LARGE_FILE, 1))
    const index = await work.add()
    utimesSync(work.path('large'), 5, 5)
    const touched = await work.addAgain(index)
    expect(touched.oid).toBe(index.oid)
    expect(touched.sections[0]!.records.quickHash(0)).toBe(index.sections[0]!.records.quickHash(0))
    expect(work.cached('objects')).toHaveLength(1)
    work.write('large', Buffer.alloc(LARGE_FILE, 2))
    const changed = await work.addAgain(touched)
    expect(changed.oid).toBe(await addFromNothing())
    verifyCached(work.cache, changed.root)
  })

  it('takes the quick hash by a seed that is the index’s own, so that nobody can prepare a file that looks the same', async () => {
    work.write('large', Buffer.alloc(LARGE_FILE, 1))
    const [one, other] = [await work.add(), await work.add()]
    expect(one.seed).not.toBe(other.seed)
    const quick = (index: DirIndex): bigint => index.sections[0]!.records.quickHash(0)
    expect(quick(one)).not.toBe(quick(other))
    expect(quick(one)).toBe(await quickHashFile(work.path('large'), one.seed!))
    utimesSync(work.path('large'), 5, 5)
    const again = await work.addAgain(one)
    expect([again.seed, quick(again)]).toEqual([one.seed, quick(one)])
    work.write('second', Buffer.alloc(LARGE_FILE, 2))
    const more = await work.addAgain(again)
    expect(more.sections[0]!.records.quickHash(1)).toBe(await quickHashFile(work.path('second'), one.seed!))
  })

  it('takes another name of the same inode for the same content', async () => {
    work.write('a', Buffer.alloc(LARGE_FILE, 1))
    linkSync(work.path('a'), work.path('b'))
    const index = await work.add()
    linkSync(work.path('a'), work.path('c'))
    const again = await work.addAgain(index)
    expect(again.oid).toBe(await addFromNothing())
    expect(work.cached('objects')).toHaveLength(1)
  })
})
