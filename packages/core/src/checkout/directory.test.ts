import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LARGE_FILE, objectPath } from '../cache/layout.ts'
import type { DirIndex } from '../index/dir-index.ts'
import { shareIndex } from '../index/store.ts'
import { sha256, toHex } from '../oid.ts'
import { codeOf, failureOf, TemporaryWorkspace } from '../temporary-workspace.ts'
import type { CheckedOutDirectory } from './directory.ts'

let work: TemporaryWorkspace
beforeEach(() => {
  work = new TemporaryWorkspace()
})
afterEach(() => work.remove())

const LARGE = Buffer.alloc(LARGE_FILE + 3, 'large')

type Content = Record<string, string | Buffer | null>

/** Makes the workspace hold exactly this, and adds it. A path to null is an empty folder, one to `-> x` a link. */
async function version(content: Content): Promise<DirIndex & { oid: string }> {
  clear()
  for (const [path, value] of Object.entries(content)) {
    mkdirSync(dirname(work.path(path)), { recursive: true })
    if (value === null) mkdirSync(work.path(path), { recursive: true })
    else if (typeof value === 'string' && value.startsWith('-> ')) symlinkSync(value.slice(3), work.path(path))
    else work.write(path, value)
  }
  return await work.add()
}

function clear(): void {
  rmSync(work.data, { recursive: true, force: true })
  mkdirSync(work.data)
}

const counts = ({ added, modified, removed }: CheckedOutDirectory): number[] => [added, modified, removed]

/** Inode and times of everything: a path whose entry is written anew differs. */
function stats(): Record<string, string> {
  const found: Record<string, string> = {}
  for (const entry of readdirSync(work.data, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue
    const path = join(entry.parentPath, entry.name)
    const { ino, mtimeMs, ctimeMs } = lstatSync(path)
    found[path.slice(work.data.length + 1)] = `${ino} ${mtimeMs} ${ctimeMs}`
  }
  return found
}

describe('a directory that is not there', () => {
  it('is restored whole: kinds, executable bits, empty folders, large files', async () => {
    work.write('run.sh', 'x', 0o755)
    work.write('a/b/c', 'deep')
    work.write('empty', '')
    work.write('large', LARGE)
    work.write('large.run', LARGE, 0o755)
    mkdirSync(work.path('a/nothing'))
    symlinkSync('../run.sh', work.path('a/link'))
    const before = work.listing()
    const { root } = await work.add()
    rmSync(work.data, { recursive: true })
    const done = await work.checkout(root)
    expect(work.listing()).toEqual(before)
    expect([...counts(done), done.bytes, done.failures]).toEqual([6, 0, 0, 1 + 4 + 2 * LARGE.length + 9, []])
    expect((await work.addAgain({ ...(await work.add()), sections: done.sections })).oid).toBe(toHex(root))
  })

  it('appears at once, when it is complete', async () => {
    const { root } = await version(Object.fromEntries(Array.from({ length: 1200 }, (_, i) => [`f${i}`, `${i}`])))
    rmSync(work.data, { recursive: true })
    let seen = 0
    await work.checkout(root, {
      onEvent: () => {
        seen++
        expect(existsSync(work.data)).toBe(false)
      },
    })
    expect(seen).toBeGreaterThan(1)
    expect(readdirSync(work.data)).toHaveLength(1200)
    expect(readdirSync(work.temporary)).toEqual([])
  })

  it('leaves nothing when it is interrupted half way', async () => {
    const { root } = await version(Object.fromEntries(Array.from({ length: 1200 }, (_, i) => [`f${i}`, `${i}`])))
    rmSync(work.data, { recursive: true })
    const abort = new AbortController()
    const options = { signal: abort.signal, onEvent: () => abort.abort() }
    await expect(work.checkout(root, options)).rejects.toThrow('abort')
    expect(existsSync(work.data)).toBe(false)
    expect(readdirSync(work.temporary)).toEqual([])
    await work.checkout(root)
    expect(readdirSync(work.data)).toHaveLength(1200)
  })

  it('respects the umask', async () => {
    work.write('small', 'x')
    work.write('run', 'x', 0o755)
    work.write('large', LARGE)
    const { root } = await work.add()
    rmSync(work.data, { recursive: true })
    const before = process.umask(0o027)
    try {
      await work.checkout(root)
    } finally {
      process.umask(before)
    }
    const modes = ['small', 'run', 'large'].map((name) => statSync(work.path(name)).mode & 0o777)
    expect(modes).toEqual([0o640, 0o750, 0o640])
  })

  it('is not put in the place of a file or a link', async () => {
    const { root } = await version({ a: 'x' })
    clear()
    rmSync(work.data, { recursive: true })
    writeFileSync(work.data, 'mine')
    expect(await failureOf(() => work.checkout(root))).toMatchObject({ code: 'WOULD_OVERWRITE', path: work.data })
    rmSync(work.data)
    symlinkSync('/nowhere', work.data)
    expect(await codeOf(() => work.checkout(root, { force: true }))).toBe('WOULD_OVERWRITE')
    rmSync(work.data)
  })
})

describe('a directory that is there', () => {
  it('gets what differs, and nothing else is touched', async () => {
    const two = await version({ same: 'x', 'd/same': LARGE, 'd/changed': 'new', 'd/new': 'x', 'e/deep/new': 'y' })
    await version({ same: 'x', 'd/same': LARGE, 'd/changed': 'old', 'd/gone': 'x', 'f/deep/gone': 'y' })
    const before = stats()
    const done = await work.checkout(two.root)
    expect(counts(done)).toEqual([2, 1, 2])
    const after = stats()
    expect(Object.keys(after).toSorted()).toEqual(['d/changed', 'd/new', 'd/same', 'e/deep/new', 'same'])
    expect([after['same'], after['d/same']]).toEqual([before['same'], before['d/same']])
    expect(after['d/changed']).not.toBe(before['d/changed'])
    expect(existsSync(work.path('f'))).toBe(false)
    expect(counts(await work.checkout(two.root))).toEqual([0, 0, 0])
    expect(stats()).toEqual(after)
  })

  it('becomes any tree from any other', async () => {
    const value = fc.constantFrom('x', 'y', null, '-> a', '-> d/a', LARGE)
    const paths = ['a', 'b', 'd', 'd/a', 'd/b', 'd/e', 'd/e/a', 'd/e/f/a', 'g/a']
    const content = fc
      .dictionary(fc.constantFrom(...paths), value, { maxKeys: 7, noNullPrototype: true })
      .map(consistent)
    await fc.assert(
      fc.asyncProperty(content, content, fc.boolean(), async (one, two, withIndex) => {
        work.remove()
        work = new TemporaryWorkspace()
        const second = await version(two)
        const expected = work.listing()
        const first = await version(one)
        const done = await work.checkout(second.root, withIndex ? { known: shareIndex(first) } : {})
        expect(done.failures).toEqual([])
        expect(work.listing()).toEqual(expected)
        const again = await work.addAgain({ ...second, sections: done.sections })
        expect(again.oid).toBe(second.oid)
      }),
      { numRuns: 30 },
    )
  })

  it('gets an executable bit that is all that differs', async () => {
    work.write('f', 'x', 0o755)
    work.write('large', LARGE, 0o755)
    const { root } = await work.add()
    for (const name of ['f', 'large']) chmodSync(work.path(name), 0o644)
    expect(counts(await work.checkout(root))).toEqual([0, 2, 0])
    expect(['f', 'large'].map((name) => statSync(work.path(name)).mode & 0o100)).toEqual([0o100, 0o100])
  })

  it('keeps what is ignored, and the folders it is in', async () => {
    const { root } = await version({ 'd/a': 'x' })
    await version({ 'd/a': 'x', 'gone/a': 'y' })
    work.write('gone/b.log', 'mine')
    work.write('c.log', 'mine')
    const ignores = (path: string): boolean => path.endsWith('.log')
    await work.checkout(root, { ignores })
    expect(Object.keys(work.listing()).toSorted()).toEqual(['c.log', 'd', 'd/a', 'gone', 'gone/b.log'])
  })

  it('says what would be done, and does nothing, in a dry run', async () => {
    const two = await version({ a: 'new', b: 'x' })
    await version({ a: 'old', c: 'x' })
    const before = stats()
    expect(counts(await work.checkout(two.root, { dryRun: true }))).toEqual([1, 1, 1])
    expect(stats()).toEqual(before)
    rmSync(work.data, { recursive: true })
    expect(counts(await work.checkout(two.root, { dryRun: true }))).toEqual([2, 0, 0])
    expect(existsSync(work.data)).toBe(false)
  })

  it('is restored in part where a part is asked for', async () => {
    const two = await version({ 'a/f': 'new', 'a/b/f': 'new', 'c/f': 'new', d: 'new', 'a/empty': null })
    const one = await version({ 'a/f': 'old', 'a/b/f': 'old', 'c/f': 'old', d: 'old', 'a/b/gone': 'x', 'c/kept': 'x' })
    const done = await work.checkout(two.root, { inside: 'a' })
    expect(counts(done)).toEqual([0, 2, 1])
    const read = (path: string): string => readFileSync(work.path(path), 'utf8')
    expect(['a/f', 'a/b/f', 'c/f', 'd', 'c/kept'].map(read)).toEqual(['new', 'new', 'old', 'old', 'x'])
    expect(existsSync(work.path('a/empty'))).toBe(true)
    // The index must not claim a tree that the workspace does not hold.
    expect((await work.addAgain({ ...two, sections: done.sections })).oid).toBe((await work.add()).oid)
    await work.checkout(one.root)
    await work.checkout(two.root, { inside: 'd' })
    expect(['a/f', 'd'].map(read)).toEqual(['old', 'new'])
    rmSync(work.data, { recursive: true })
    await work.checkout(two.root, { inside: 'a/b' })
    expect(Object.keys(work.listing())).toEqual(['a', 'a/b', 'a/b/f'])
  })
})

/** Drops what lies below a file or a link. */
function consistent(content: Content): Content {
  const blocked = (path: string): boolean => {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      if (content[path.slice(0, at)] !== undefined && content[path.slice(0, at)] !== null) return true
    }
    return false
  }
  return Object.fromEntries(Object.entries(content).filter(([path]) => !blocked(path)))
}

describe('content that is in no cache', () => {
  it('is not destroyed: nothing changes, and every path is named', async () => {
    const two = await version({ changed: 'new', link: 'x', other: 'new' })
    await version({ changed: 'old', other: 'old', 'd/removed': 'x' })
    work.write('changed', 'mine')
    work.write('d/extra', 'mine too')
    work.write('d/large', Buffer.alloc(LARGE_FILE, 'mine'))
    symlinkSync('other', work.path('link'))
    const before = stats()
    const found = await failureOf(() => work.checkout(two.root))
    expect(found.code).toBe('WOULD_OVERWRITE')
    const lost = ['changed', 'd/extra', 'd/large', 'link'].map((path) => work.path(path))
    expect(found.details.map(({ path }) => path).toSorted()).toEqual(lost)
    expect(stats()).toEqual(before)
    await work.checkout(two.root, { force: true })
    expect((await work.add()).oid).toBe(two.oid)
  })

  it('is not destroyed where it is ignored, either', async () => {
    const two = await version({ 'notes.txt': 'theirs', 'logs/a': 'theirs', b: 'x' })
    clear()
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
    const two = await version({ f: 'two' })
    await version({ f: 'three', g: LARGE })
    await version({ f: 'one' })
    work.write('f', 'three')
    work.write('h', LARGE)
    await work.checkout(two.root)
    expect((await work.add()).oid).toBe(two.oid)
  })

  it('is noticed though its size and mtime are those of before', async () => {
    const two = await version({ f: 'new' })
    const one = await version({ f: 'old' })
    const { mtime } = statSync(work.path('f'))
    work.write('f', 'odd')
    utimesSync(work.path('f'), mtime, mtime)
    // An index whose every entry was written too late to be trusted.
    for (const { records } of one.sections)
      for (let i = 0; i < records.count; i++) records.setFlags(i, records.flags(i) | 8)
    expect(await codeOf(() => work.checkout(two.root, { known: shareIndex(one) }))).toBe('WOULD_OVERWRITE')
  })

  it('of kinds that art does not keep is not destroyed', async () => {
    const two = await version({ f: 'x' })
    symlinkSync('/etc/passwd', work.path('out'))
    expect(await failureOf(() => work.checkout(two.root))).toMatchObject({ code: 'SYMLINK', path: work.path('out') })
    await work.checkout(two.root, { force: true })
    expect(Object.keys(work.listing())).toEqual(['f'])
  })
})

describe('content that the cache lacks', () => {
  it('is named, everything else is restored, and what stood in its place stays', async () => {
    const gone = sha256(LARGE)
    const two = await version({ a: 'new', 'd/large': LARGE, 'd/b': 'new', 'e/large': LARGE })
    await version({ a: 'old', 'd/large': 'kept' })
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
    await version({ a: 'x' })
    const before = stats()
    expect(await codeOf(() => work.checkout(sha256(Buffer.from('nothing'))))).toBe('NOT_CACHED')
    expect(stats()).toEqual(before)
  })
})
