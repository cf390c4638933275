import { spawnSync } from 'node:child_process'
import { appendFileSync, chmodSync, mkdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LARGE_FILE } from '../cache/layout.ts'
import { storeLargeFile } from '../cache/large.ts'
import { eachWorkspace } from '../temporary-each.ts'
import { codeOf, failureOf } from '../temporary-workspace.ts'
import { readSmallFile } from './small-file.ts'
import { FileStore } from './store-file.ts'

const work = eachWorkspace()

const linux = process.platform === 'linux'

describe('names', () => {
  it('may be whatever a file system allows', async () => {
    const odd = [
      'a\nb',
      '\u{1f600}',
      '-rf',
      'é'.repeat(127),
      'n'.repeat(255),
      '\ufffd',
      '~',
      ' ',
      'a\\b',
      '\x1b[31m',
      '...',
    ]
    for (const name of odd) work.write(`in/${name}`, name)
    const before = work.listing()
    const { root, files } = await work.add()
    expect(files).toBe(odd.length)
    rmSync(work.data, { recursive: true })
    expect((await work.checkout(root)).failures).toEqual([])
    expect(work.listing()).toEqual(before)
  })

  it.runIf(linux)('that are not UTF-8 are refused by name, also beside one that really holds U+FFFD', async () => {
    work.write('\ufffd', 'fine')
    mkdirSync(work.path('sub'))
    writeFileSync(Buffer.concat([Buffer.from(work.path('sub/')), Buffer.from([0x61, 0xff])]), 'x')
    expect(await failureOf(() => work.add())).toMatchObject({
      code: 'NAME_NOT_UTF8',
      path: work.path('sub', 'a\ufffd'),
    })
  })

  it.runIf(linux)('and targets of links that are not UTF-8 are refused too', async () => {
    symlinkSync(Buffer.from([0x61, 0xff]), work.path('link'))
    expect(await failureOf(() => work.add())).toMatchObject({ code: 'NAME_NOT_UTF8', path: work.path('link') })
  })

  it('that git could take for its own are refused with their path, unless they are ignored', async () => {
    for (const name of ['.git', '.GIT', 'git~1']) {
      work.write(`sub/${name}/config`, 'x')
      expect(await failureOf(() => work.add())).toMatchObject({ code: 'PATH_UNSAFE', path: work.path('sub', name) })
      expect(await codeOf(() => work.add({ ignores: (path) => path === `sub/${name}` }))).toBe('none')
      rmSync(work.path('sub'), { recursive: true })
    }
    work.write('sub/.git', 'gitdir: ../elsewhere\n')
    expect(await failureOf(() => work.add())).toMatchObject({ code: 'PATH_UNSAFE', path: work.path('sub', '.git') })
  })
})

describe('what is no file', () => {
  it.runIf(linux)('is refused by name: a FIFO and a socket, all of them at once', async () => {
    spawnSync('mkfifo', [work.path('fifo')])
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(work.path('socket'), resolve))
    try {
      const { code, details } = await failureOf(() => work.add())
      expect(code).toBe('UNSUPPORTED')
      expect(details.map(({ path }) => path)).toEqual([work.path('fifo'), work.path('socket')])
    } finally {
      server.close()
    }
  })

  it.runIf(linux)('does not make a single file wait for a writer either', async () => {
    spawnSync('mkfifo', [work.path('fifo')])
    const files = new FileStore(work.cache)
    expect(await failureOf(() => files.store(work.path('fifo')))).toMatchObject({
      code: 'UNSUPPORTED',
      path: work.path('fifo'),
    })
    expect(await codeOf(() => readSmallFile(work.path('fifo'), true, () => undefined))).toBe('UNSUPPORTED')
    expect(await codeOf(() => storeLargeFile(work.cache.layout, work.path('fifo'), true))).toBe('UNSUPPORTED')
  })
})

describe('symbolic links', () => {
  it('that stay inside are kept as they are', async () => {
    work.write('a/b/file', 'x')
    for (const [name, to] of [
      ['a/up', '../c'],
      ['a/b/top', '../..'],
      ['a/b/dangling', 'nowhere'],
      ['self', 'self'],
      ['down', 'a/b/file'],
    ] as const) {
      symlinkSync(to, work.path(name))
    }
    const before = work.listing()
    const { root } = await work.add()
    rmSync(work.data, { recursive: true })
    await work.checkout(root)
    expect(work.listing()).toEqual(before)
  })

  it('that leave the directory are refused by name', async () => {
    mkdirSync(work.path('a'))
    for (const [name, to] of [
      ['out', '..'],
      ['a/out', '../../x'],
      ['absolute', work.path('a')],
      // Through a link to somewhere higher, this would end outside.
      ['around', 'a/..'],
    ] as const) {
      symlinkSync(to, work.path(name))
      expect(await failureOf(() => work.add())).toMatchObject({ code: 'SYMLINK', path: work.path(name) })
      rmSync(work.path(name))
    }
  })

  it('can be followed instead: what they point to is stored', async () => {
    writeFileSync(join(work.root, 'outside'), 'x', { mode: 0o644 })
    mkdirSync(join(work.root, 'folder'))
    writeFileSync(join(work.root, 'folder', 'large'), Buffer.alloc(LARGE_FILE, 1))
    symlinkSync('../outside', work.path('file'))
    symlinkSync('../folder', work.path('folder'))
    const followed = await work.add({ dereference: true })
    rmSync(work.path('file'))
    rmSync(work.path('folder'))
    work.write('file', 'x')
    work.write('folder/large', Buffer.alloc(LARGE_FILE, 1))
    expect((await work.add()).oid).toBe(followed.oid)
  })

  it('that lead back to where they come from are refused when they are followed', async () => {
    mkdirSync(work.path('a'))
    for (const [name, to] of [
      ['a/loop', '..'],
      ['a/here', '.'],
      ['self', 'self'],
    ] as const) {
      symlinkSync(to, work.path(name))
      const found = await failureOf(() => work.add({ dereference: true }))
      expect(found).toMatchObject({ code: 'SYMLINK', path: work.path(name) })
      rmSync(work.path(name))
    }
    symlinkSync('nowhere', work.path('dangling'))
    expect(await failureOf(() => work.add({ dereference: true }))).toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('a file that changes while it is read', () => {
  it('is refused when it is small', async () => {
    work.write('f', 'old')
    const path = work.path('f')
    const readWhile = (change: () => void): (() => unknown) => {
      return () =>
        readSmallFile(path, false, (size) => {
          change()
          return Buffer.alloc(size)
        })
    }
    expect(await failureOf(readWhile(() => appendFileSync(path, 'x')))).toMatchObject({
      code: 'CHANGED_WHILE_READ',
      path,
    })
    expect(await codeOf(readWhile(() => writeFileSync(path, '')))).toBe('CHANGED_WHILE_READ')
    work.write('f', 'old')
    const sameSize = (): void => {
      writeFileSync(path, 'new')
      utimesSync(path, 7, 7)
    }
    expect(await codeOf(readWhile(sameSize))).toBe('CHANGED_WHILE_READ')
    expect(await codeOf(readWhile(() => undefined))).toBe('none')
  })

  it('is refused when it is large, and leaves nothing in the cache', async () => {
    work.write('f', Buffer.alloc(9 << 20, 1))
    const path = work.path('f')
    await work.add()
    const objects = work.cached('objects')
    const changed = (change: () => void): (() => Promise<unknown>) => {
      return () => storeLargeFile(work.cache.layout, path, false, { onEvent: change })
    }
    expect(await failureOf(changed(() => appendFileSync(path, 'x')))).toMatchObject({
      code: 'CHANGED_WHILE_READ',
      path,
    })
    expect(await codeOf(changed(() => writeFileSync(path, 'short')))).toBe('CHANGED_WHILE_READ')
    expect(await codeOf(() => storeLargeFile(work.cache.layout, path, false))).toBe('CHANGED_WHILE_READ')
    expect(work.cached('objects')).toEqual(objects)
    expect(work.cached('temporary')).toEqual([])
  })
})

describe('after a refusal', () => {
  it('nothing half written is in the cache, and what was wrong is named', async () => {
    for (let i = 0; i < 50; i++) work.write(`f${i}`, `content ${i}`)
    work.write('large', Buffer.alloc(LARGE_FILE, 1))
    symlinkSync('/etc/passwd', work.path('sub'))
    expect(await failureOf(() => work.add())).toMatchObject({ code: 'SYMLINK', path: work.path('sub') })
    expect(work.cached('packs')).toEqual([])
    expect(work.cached('temporary')).toEqual([])
    rmSync(work.path('sub'))
    await work.add()
  })

  it('of a file that may not be read, its path is told', async ({ skip }) => {
    if (process.platform === 'win32') return skip('Windows has no such modes')
    const root = process.getuid?.() === 0
    work.remove()
    // Root may read everything.
    if (root) process.seteuid?.(65_534)
    try {
      work.begin()
      for (let i = 0; i < 20; i++) work.write(`f${i}`, 'x'.repeat(i))
      work.write('secret', 'x', 0o000)
      mkdirSync(work.path('closed'), { mode: 0o000 })
      const file = await failureOf(() => work.add({ ignores: (path) => path === 'closed' }))
      expect(file).toMatchObject({ code: 'PERMISSION', path: work.path('secret') })
      const folder = await failureOf(() => work.add({ ignores: (path) => path === 'secret' }))
      expect(folder).toMatchObject({ code: 'PERMISSION', path: work.path('closed') })
      expect([...work.cached('temporary'), ...work.cached('packs')]).toEqual([])
      chmodSync(work.cache.layout.temporary, 0o500)
      const cache = await failureOf(() => work.add({ ignores: (path) => path === 'closed' || path === 'secret' }))
      expect(cache).toMatchObject({ code: 'PERMISSION', path: work.cache.layout.packs })
    } finally {
      chmodSync(work.path('closed'), 0o755)
      chmodSync(work.cache.layout.temporary, 0o700)
      if (root) process.seteuid?.(0)
    }
  })

  it('a file that vanished between listing and reading is named', async () => {
    work.write('a', 'x')
    const gone = work.path('b')
    work.write('b', 'x')
    const ignores = (path: string): boolean => {
      if (path === 'b') rmSync(gone, { force: true })
      return false
    }
    expect(await failureOf(() => work.add({ ignores }))).toMatchObject({ code: 'NOT_FOUND', path: gone })
    expect(statSync(work.path('a')).isFile()).toBe(true)
  })
})
