import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ignoredByGit } from '../git/staging.ts'
import { TemporaryRepo } from '../temporary-repo.ts'
import { loadArtIgnore } from './artignore.ts'
import { ensureIgnored, ignoreLine, removeIgnored } from './gitignore.ts'

let made: TemporaryRepo
beforeEach(async () => {
  made = await TemporaryRepo.create()
})
afterEach(() => made.remove())

describe('.gitignore', () => {
  it('makes git ignore exactly the artifact, whatever its name', async () => {
    const repo = await made.open()
    made.write('m/x', '')
    const tricky = fc.string({ unit: fc.constantFrom(...'a!*#[]? \\\n\r\t"é😀-^{}~$'), minLength: 1, maxLength: 8 })
    const names = fc.sample(tricky, 150).filter((name) => !['.', '..'].includes(name))
    for (const name of names) ensureIgnored(repo, `m/${name}`)
    const ignored = await ignoredByGit(repo, [
      ...names.map((name) => `m/${name}`),
      ...names.map((name) => `m/sub/${name}`),
    ])
    for (const name of names) {
      expect([name, ignored.has(`m/${name}`)]).toEqual([name, true])
      expect([name, ignored.has(`m/sub/${name}`)]).toEqual([name, false])
    }
  })

  it('has its lines where an earlier text had them, and others at the end', async () => {
    const repo = await made.open()
    const earlier = '# mine\n/a\n/b\n\n/c\n/d\n'
    for (const gone of [['a', 'b', 'c', 'd'], ['b', 'd'], ['d', 'c', 'b'], ['a']]) {
      made.write('m/.gitignore', earlier)
      for (const name of gone) removeIgnored(repo, `m/${name}`)
      for (const name of gone) ensureIgnored(repo, `m/${name}`, earlier)
      expect(made.read('m/.gitignore')).toBe(earlier)
    }
    ensureIgnored(repo, 'm/x', earlier)
    expect(made.read('m/.gitignore')).toBe(`${earlier}/x\n`)
  })

  it('is created in a folder that exists, changed once, and deleted with its last line', async () => {
    made.write('m/x', '')
    const repo = await made.open()
    expect(ensureIgnored(repo, 'm/x')).toBe('m/.gitignore')
    expect(ensureIgnored(repo, 'm/x')).toBeUndefined()
    expect(ensureIgnored(repo, 'm/y')).toBe('m/.gitignore')
    expect(made.read('m/.gitignore')).toBe('/x\n/y\n')
    expect(removeIgnored(repo, 'm/x')).toBe('m/.gitignore')
    expect(removeIgnored(repo, 'm/x')).toBeUndefined()
    removeIgnored(repo, 'm/y')
    expect(existsSync(join(made.root, 'm/.gitignore'))).toBe(false)
  })

  it('keeps what the user wrote, and the file’s line ends', async () => {
    const repo = await made.open()
    made.write('.gitignore', '# mine\r\n*.log\r\n\r\n!keep')
    ensureIgnored(repo, 'model')
    expect(made.read('.gitignore')).toBe('# mine\r\n*.log\r\n\r\n!keep\r\n/model\r\n')
    removeIgnored(repo, 'model')
    expect(made.read('.gitignore')).toBe('# mine\r\n*.log\r\n\r\n!keep\r\n')
  })

  it('is not written through a link', async () => {
    const repo = await made.open()
    made.write('x', '')
    expect(() => ensureIgnored(repo, 'x/y')).toThrow(expect.objectContaining({ code: 'PATH_UNSAFE' }))
    expect(ignoreLine('a\nb ')).toBe('/a?b\\ ')
  })
})

describe('.artignore', () => {
  it('applies from the root down, a deeper file over a higher one', async () => {
    made.write('.artignore', '*.tmp\n.DS_Store\n')
    made.write('data/set/.artignore', '/cache/\n!keep.tmp\n')
    made.write('data/set/sub/.artignore', 'keep.tmp\n')
    const ignores = await loadArtIgnore(await made.open(), 'data/set')
    const verdict = (path: string, isFolder = false) => ignores(path, isFolder)
    expect(verdict('a')).toBe(false)
    expect(verdict('a.tmp')).toBe(true)
    expect(verdict('deep/.DS_Store')).toBe(true)
    expect(verdict('cache', true)).toBe(true)
    expect(verdict('cache')).toBe(false)
    expect(verdict('sub/cache', true)).toBe(false)
    expect(verdict('keep.tmp')).toBe(false)
    expect(verdict('sub/keep.tmp')).toBe(true)
    expect(verdict('A.TMP')).toBe(false)
  })

  it('leaves nothing out where there is none', async () => {
    const ignores = await loadArtIgnore(await made.open(), 'data')
    expect(ignores('x/y', false)).toBe(false)
  })
})
