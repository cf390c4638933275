import { existsSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { LARGE_FILE, objectPath } from '../cache/layout.ts'
import { shareIndex } from '../index/store.ts'
import { sha256, toHex } from '../oid.ts'
import { eachWorkspace } from '../temporary-each.ts'
import { codeOf, failureOf } from '../temporary-workspace.ts'
import { addVersion, clear, counts, LARGE, statsIn } from './temporary-versions.ts'

const work = eachWorkspace()

describe('content that is in no cache', () => {
  it('is not destroyed: nothing changes, and every path is named', async () => {
    const two = await addVersion(work, { changed: 'new', link: 'x', other: 'new' })
    await addVersion(work, { changed: 'old', other: 'old', 'd/removed': 'x' })
    work.write('changed', 'mine')
    work.write('d/extra', 'mine too')
    work.write('d/large', Buffer.alloc(LARGE_FILE, 'mine'))
    symlinkSync('other', work.path('link'))
    const before = statsIn(work)
    const found = await failureOf(() => work.checkout(two.root))
    expect(found.code).toBe('WOULD_OVERWRITE')
    const lost = ['changed', 'd/extra', 'd/large', 'link'].map((path) => work.path(path))
    expect(found.details.map(({ path }) => path).toSorted()).toEqual(lost)
    expect(statsIn(work)).toEqual(before)
    await work.checkout(two.root, { force: true })
    expect((await work.add()).oid).toBe(two.oid)
  })

  it('is not destroyed where it is ignored, either', async () => {
    const two = await addVersion(work, { 'notes.txt': 'theirs', 'logs/a': 'theirs', b: 'x' })
    clear(work)
    work.write('notes.txt', 'mine')
    work.write('logs/a', 'mine')
    const ignores = (path: string, isFolder: boolean): boolean => path === 'notes.txt' || (isFolder && path === 'logs')
    const found = await failureOf(() => work.checkout(two.root, { ignores }))
    expect(found.code).toBe('WOULD_OVERWRITE')
    expect(found.details.map(({ path }) => path)).toEqual([work.path('notes.txt'), work.path('logs/a')])
    expect(existsSync(work.path('b'))).toBe(false)
    await work.checkout(two.root, { ignores, force: true })
    expect(readFileSync(work.path('logs/a'), 'utf8')).toBe('theirs')
  })

  it('may be anything that the cache holds: then it is replaced without asking', async () => {
    const two = await addVersion(work, { f: 'two' })
    await addVersion(work, { f: 'three', g: LARGE })
    await addVersion(work, { f: 'one' })
    work.write('f', 'three')
    work.write('h', LARGE)
    await work.checkout(two.root)
    expect((await work.add()).oid).toBe(two.oid)
  })

  it('is noticed though its size and mtime are those of before', async () => {
    const two = await addVersion(work, { f: 'new' })
    const one = await addVersion(work, { f: 'old' })
    const { mtime } = statSync(work.path('f'))
    work.write('f', 'odd')
    utimesSync(work.path('f'), mtime, mtime)
    // An index whose every entry was written too late to be trusted.
    for (const { records } of one.sections)
      for (let i = 0; i < records.count; i++) records.setFlags(i, records.flags(i) | 8)
    expect(await codeOf(() => work.checkout(two.root, { known: shareIndex(one) }))).toBe('WOULD_OVERWRITE')
  })

  it('of kinds that art does not keep is not destroyed', async () => {
    const two = await addVersion(work, { f: 'x' })
    symlinkSync('/etc/passwd', work.path('out'))
    expect(await failureOf(() => work.checkout(two.root))).toMatchObject({ code: 'SYMLINK', path: work.path('out') })
    await work.checkout(two.root, { force: true })
    expect(Object.keys(work.listing())).toEqual(['f'])
  })
})

describe('content that the cache lacks', () => {
  it('is named, everything else is restored, and what stood in its place stays', async () => {
    const gone = sha256(LARGE)
    const two = await addVersion(work, { a: 'new', 'd/large': LARGE, 'd/b': 'new', 'e/large': LARGE })
    await addVersion(work, { a: 'old', 'd/large': 'kept' })
    rmSync(objectPath(work.cache.layout, toHex(gone)))
    const done = await work.checkout(two.root)
    expect(done.failures.map(({ code, path }) => [code, path])).toEqual([
      ['NOT_CACHED', work.path('d/large')],
      ['NOT_CACHED', work.path('e/large')],
    ])
    expect(counts(done)).toEqual([1, 1, 0])
    expect(readFileSync(work.path('d/large'), 'utf8')).toBe('kept')
    expect(Object.keys(work.listing()).toSorted()).toEqual(['a', 'd', 'd/b', 'd/large', 'e'])
    const now = await work.add()
    expect(now.oid).not.toBe(two.oid)
    expect((await work.addAgain({ ...two, sections: done.sections })).oid).toBe(now.oid)
    rmSync(work.data, { recursive: true })
    const fresh = await work.checkout(two.root)
    expect(counts(fresh)).toEqual([2, 0, 0])
    expect(fresh.failures.map(({ path }) => path)).toEqual([work.path('d/large'), work.path('e/large')])
    expect((await work.addAgain({ ...two, sections: fresh.sections })).oid).toBe((await work.add()).oid)
  })

  it('may be the tree itself: nothing changes', async () => {
    await addVersion(work, { a: 'x' })
    const before = statsIn(work)
    expect(await codeOf(() => work.checkout(sha256(Buffer.from('nothing'))))).toBe('NOT_CACHED')
    expect(statsIn(work)).toEqual(before)
  })
})
