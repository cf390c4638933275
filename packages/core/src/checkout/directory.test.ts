import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shareIndex } from '../index/store.ts'
import { toHex } from '../oid.ts'
import { eachWorkspace } from '../temporary-each.ts'
import { codeOf, failureOf } from '../temporary-workspace.ts'
import { addVersion, clear, type Content, counts, LARGE, statsIn } from './temporary-versions.ts'

const work = eachWorkspace()

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
    const { root } = await addVersion(
      work,
      Object.fromEntries(Array.from({ length: 1200 }, (_, i) => [`f${i}`, `${i}`])),
    )
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
    const { root } = await addVersion(
      work,
      Object.fromEntries(Array.from({ length: 1200 }, (_, i) => [`f${i}`, `${i}`])),
    )
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
    const { root } = await addVersion(work, { a: 'x' })
    clear(work)
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
    const two = await addVersion(work, {
      same: 'x',
      'd/same': LARGE,
      'd/changed': 'new',
      'd/new': 'x',
      'e/deep/new': 'y',
    })
    await addVersion(work, { same: 'x', 'd/same': LARGE, 'd/changed': 'old', 'd/gone': 'x', 'f/deep/gone': 'y' })
    const before = statsIn(work)
    const done = await work.checkout(two.root)
    expect(counts(done)).toEqual([2, 1, 2])
    const after = statsIn(work)
    expect(Object.keys(after).toSorted()).toEqual(['d/changed', 'd/new', 'd/same', 'e/deep/new', 'same'])
    expect([after['same'], after['d/same']]).toEqual([before['same'], before['d/same']])
    expect(after['d/changed']).not.toBe(before['d/changed'])
    expect(existsSync(work.path('f'))).toBe(false)
    expect(counts(await work.checkout(two.root))).toEqual([0, 0, 0])
    expect(statsIn(work)).toEqual(after)
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
        work.begin()
        const second = await addVersion(work, two)
        const expected = work.listing()
        const first = await addVersion(work, one)
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
    const { root } = await addVersion(work, { 'd/a': 'x' })
    await addVersion(work, { 'd/a': 'x', 'gone/a': 'y' })
    work.write('gone/b.log', 'mine')
    work.write('c.log', 'mine')
    const ignores = (path: string): boolean => path.endsWith('.log')
    await work.checkout(root, { ignores })
    expect(Object.keys(work.listing()).toSorted()).toEqual(['c.log', 'd', 'd/a', 'gone', 'gone/b.log'])
  })

  it('says what would be done, and does nothing, in a dry run', async () => {
    const two = await addVersion(work, { a: 'new', b: 'x' })
    await addVersion(work, { a: 'old', c: 'x' })
    const before = statsIn(work)
    expect(counts(await work.checkout(two.root, { dryRun: true }))).toEqual([1, 1, 1])
    expect(statsIn(work)).toEqual(before)
    rmSync(work.data, { recursive: true })
    expect(counts(await work.checkout(two.root, { dryRun: true }))).toEqual([2, 0, 0])
    expect(existsSync(work.data)).toBe(false)
  })

  it('is restored in part where a part is asked for', async () => {
    const two = await addVersion(work, { 'a/f': 'new', 'a/b/f': 'new', 'c/f': 'new', d: 'new', 'a/empty': null })
    const one = await addVersion(work, {
      'a/f': 'old',
      'a/b/f': 'old',
      'c/f': 'old',
      d: 'old',
      'a/b/gone': 'x',
      'c/kept': 'x',
    })
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
