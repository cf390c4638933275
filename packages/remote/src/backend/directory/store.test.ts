import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { objectStoreCompliance } from '../../compliance/object-store-compliance.ts'
import { openStore } from '../../open-store.ts'
import { readAll } from '../../read-all.ts'
import { DirectoryStore } from './store.ts'

async function folder(): Promise<{ root: string; cleanup: () => Promise<void> }> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'art-directory-'))
  return { root: path.join(root, 'not', 'there yet'), cleanup: () => rm(root, { recursive: true, force: true }) }
}

objectStoreCompliance('a directory', async () => {
  const { root, cleanup } = await folder()
  return { store: new DirectoryStore(root, { create: true }), cleanup }
})

objectStoreCompliance('a directory opened by its path', async () => {
  const { root, cleanup } = await folder()
  return { store: await openStore(root, { create: true }), cleanup }
})

describe('a directory', () => {
  let root: string
  let cleanup: () => Promise<void>
  beforeEach(async () => ({ root, cleanup } = await folder()))
  afterEach(() => cleanup())

  test('that is not there is REMOTE_NOT_FOUND to readers, and made by the first write', async () => {
    const store = new DirectoryStore(root)
    const missing = { code: 'REMOTE_NOT_FOUND', path: root }
    await expect(store.head('a')).rejects.toMatchObject(missing)
    await expect(readAll(store, 'a')).rejects.toMatchObject(missing)
    await expect(store.list('').next()).rejects.toMatchObject(missing)
    await store.put('a', Buffer.from('x'))
    expect(await readFile(path.join(root, 'a'), 'utf8')).toBe('x')
  })

  test('is read as empty by who is about to write', async () => {
    const store = new DirectoryStore(root, { create: true })
    expect(await store.head('a')).toBeUndefined()
    await expect(readAll(store, 'a')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await store.list('').next()).toMatchObject({ done: true })
  })

  test('that is deleted between two writes is made again', async () => {
    const store = new DirectoryStore(root)
    await store.put('a/b/c', Buffer.from('x'))
    await rm(root, { recursive: true })
    await store.put('a/b/c', Buffer.from('y'))
    expect(await readFile(path.join(root, 'a/b/c'), 'utf8')).toBe('y')
  })

  test('does not follow links that somebody planted inside', async () => {
    const store = new DirectoryStore(root)
    await store.put('a', Buffer.from('x'))
    const outside = path.join(root, '..', 'outside')
    await mkdir(outside)
    await writeFile(path.join(outside, 'secret'), 's')
    await symlink(outside, path.join(root, 'link'))
    await symlink(path.join(outside, 'secret'), path.join(root, 'file'))
    await expect(store.put('link/new', Buffer.from('x'))).rejects.toMatchObject({ code: 'SYMLINK' })
    await expect(readAll(store, 'link/secret')).rejects.toMatchObject({ code: 'SYMLINK' })
    await expect(readAll(store, 'file')).rejects.toMatchObject({ code: 'SYMLINK' })
    await expect(store.delete(['link/secret'])).rejects.toMatchObject({ code: 'SYMLINK' })
    expect(await store.head('file')).toBeUndefined()
    expect(await keysOf(store, '')).toEqual(['a'])
    expect(await keysOf(store, 'link/')).toEqual([])
    expect(await readdir(outside)).toEqual(['secret'])
  })

  test('may itself be a link', async () => {
    const real = path.join(root, '..', '..', 'real')
    await mkdir(real)
    await mkdir(path.dirname(root))
    await symlink(real, root)
    const store = new DirectoryStore(root)
    await store.put('a/b', Buffer.from('x'))
    expect(await readFile(path.join(real, 'a/b'), 'utf8')).toBe('x')
  })

  test('keeps its temporaries to itself and collects those of the dead, by their names', async () => {
    await mkdir(path.join(root, '.tmp'), { recursive: true })
    const names = ['1-0123456789abcdef', '2-0123456789abcdef', 'report.pdf'] as const
    const [old, young, other] = names.map((name) => path.join(root, '.tmp', name)) as [string, string, string]
    for (const file of [old, young, other]) await writeFile(file, 'x')
    const dayAgo = new Date(Date.now() - 25 * 3600 * 1000)
    for (const file of [old, other]) await utimes(file, dayAgo, dayAgo)
    const store = new DirectoryStore(root)
    await store.put('a', Buffer.from('x'))
    expect((await readdir(path.join(root, '.tmp'))).toSorted()).toEqual([names[1], names[2]])
    expect(await keysOf(store, '')).toEqual(['a'])
    await expect(store.put('.tmp/x', Buffer.from('x'))).rejects.toMatchObject({ code: 'PATH_UNSAFE' })
  })

  test('where a file stands in the way is REMOTE_REFUSED', async () => {
    const store = new DirectoryStore(root)
    await store.put('a', Buffer.from('x'))
    await expect(store.put('a/b', Buffer.from('x'))).rejects.toMatchObject({ code: 'REMOTE_REFUSED', path: 'a/b' })
  })

  test('of which a name is too long says so', async () => {
    const store = new DirectoryStore(root)
    await expect(store.put('n'.repeat(300), Buffer.from('x'))).rejects.toMatchObject({ code: 'NAME_TOO_LONG' })
  })

  test('that is full says so and keeps nothing of the object', async ({ skip }) => {
    await mkdir(root, { recursive: true })
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', root], { stdio: 'pipe' })
    } catch {
      return skip('no tmpfs may be mounted here')
    }
    try {
      const store = new DirectoryStore(root)
      await expect(store.put('a', Buffer.alloc(4 << 20))).rejects.toMatchObject({ code: 'DISK_FULL', path: 'a' })
      expect(await readdir(path.join(root, '.tmp'))).toEqual([])
      await store.put('b', Buffer.alloc(1 << 20))
      expect(await keysOf(store, '')).toEqual(['b'])
      execFileSync('mount', ['-o', 'remount,ro', root], { stdio: 'pipe' })
      await expect(store.put('c', Buffer.alloc(1))).rejects.toMatchObject({ code: 'REMOTE_READ_ONLY' })
    } finally {
      execFileSync('umount', [root], { stdio: 'pipe' })
    }
  })
})

async function keysOf(store: DirectoryStore, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list(prefix)) keys.push(key)
  return keys.sort()
}
