import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LARGE_FILE, objectPath } from '../cache/layout.ts'
import { seal } from '../cache/seal.ts'
import { checkoutFile } from '../checkout/file.ts'
import { hashFile } from '../hash/hash-file.ts'
import { sha256, toHex } from '../oid.ts'
import { mountImage, mountTmpfs, type TemporaryMount } from '../temporary-mount.ts'
import { codeOf, TemporaryWorkspace } from '../temporary-workspace.ts'
import { LINK_TYPES, Linker, type LinkType } from './link.ts'

const content = Buffer.alloc(LARGE_FILE + 5, 'linked')
const oid = toHex(sha256(content))

let work: TemporaryWorkspace
let mounted: TemporaryMount | undefined
beforeEach(() => {
  work = new TemporaryWorkspace()
})
afterEach(() => {
  work.remove()
  mounted?.unmount()
  mounted = undefined
})

const object = (): string => objectPath(work.cache.layout, oid)

/** How a large file comes back from the cache. */
async function restored(
  types: readonly LinkType[],
  mode = 0o644,
): Promise<{ path: string; refused: readonly LinkType[] }> {
  work.write('large', content, mode)
  const { root } = await work.add()
  rmSync(work.data, { recursive: true })
  const { refusedLinks, failures } = await work.checkout(root, { links: types })
  expect(failures).toEqual([])
  return { path: work.path('large'), refused: refusedLinks }
}

const inode = (path: string): number => statSync(path).ino

describe('a large file of the cache', () => {
  it('is copied: a file of its own that can be written to', async () => {
    const { path } = await restored(['copy'])
    expect(lstatSync(path).isFile()).toBe(true)
    expect(inode(path)).not.toBe(inode(object()))
    appendFileSync(path, 'x')
    expect(readFileSync(object()).equals(content)).toBe(true)
  })

  it('is hard-linked where asked: read-only, and never the inode that the user gave', async () => {
    work.write('large', content)
    const own = inode(work.path('large'))
    const { path } = await restored(['hardlink'])
    expect(inode(path)).toBe(inode(object()))
    expect(inode(path)).not.toBe(own)
    expect(statSync(path).mode & 0o777).toBe(0o444)
  })

  it('is linked symbolically where asked', async () => {
    const { path } = await restored(['symlink'])
    expect(readlinkSync(path)).toBe(object())
    expect(statSync(path).mode & 0o777).toBe(0o444)
  })

  it.each(LINK_TYPES)('keeps its executable bit, as a %s too', async (type) => {
    const { path } = await restored([type], 0o755)
    expect(lstatSync(path).isFile()).toBe(true)
    expect(statSync(path).mode & 0o111).not.toBe(0)
    expect(statSync(object()).mode & 0o111).toBe(0)
    expect((await work.add()).oid).toBe((await work.add()).oid)
  })

  it('is copied where no type works, which is told once', async ({ skip }) => {
    const linker = new Linker(['reflink', 'hardlink'])
    work.write('large', content)
    await work.add()
    const mount = mountTmpfs('8m')
    if (typeof mount === 'string') return skip(mount)
    mounted = mount
    for (const name of ['a', 'b']) expect(linker.link(object(), join(mount.path, name), false, oid)).toBe('copy')
    expect(linker.refused).toEqual(['reflink', 'hardlink'])
    expect(readFileSync(join(mount.path, 'b')).equals(content)).toBe(true)
  })

  it('is not linked over what is there', () => {
    mkdirSync(join(work.root, 'cache'))
    const target = work.path('mine')
    writeFileSync(target, 'mine')
    const source = join(work.root, 'object')
    writeFileSync(source, content)
    seal(source)
    for (const type of LINK_TYPES) {
      expect(() => new Linker([type]).link(source, target, false, oid)).toThrow('EEXIST')
      expect(readFileSync(target, 'utf8')).toBe('mine')
    }
  })
})

describe('a linked workspace', () => {
  it.each(['hardlink', 'symlink'] as const)('of %ss is the tree that it was made from', async (type) => {
    work.write('d/large', content)
    work.write('d/run', content, 0o755)
    work.write('small', 'x')
    const index = await work.add()
    rmSync(work.data, { recursive: true })
    const { sections } = await work.checkout(index.root, { links: [type] })
    const held = { ...index, sections }
    expect((await work.add()).oid).toBe(index.oid)
    expect((await work.addAgain(held)).oid).toBe(index.oid)
    const again = await work.checkout(index.root, { links: [type] })
    expect([again.added, again.modified, again.removed]).toEqual([0, 0, 0])
    expect(work.cached('objects')).toHaveLength(1)
  })

  it('of hard links is not read again because another link was made', async () => {
    work.write('large', content)
    const index = await work.add()
    rmSync(work.data, { recursive: true })
    const { sections } = await work.checkout(index.root, { links: ['hardlink'] })
    const place = { cache: work.cache, linker: new Linker(['hardlink']), temporary: work.temporary }
    checkoutFile(join(work.root, 'another'), { oid, size: content.length, executable: false }, place)
    expect(statSync(object()).nlink).toBe(3)
    expect((await work.addAgain({ ...index, sections })).oid).toBe(index.oid)
    expect(inode(work.path('large'))).toBe(inode(object()))
  })

  it.each(['hardlink', 'symlink'] as const)('notices what was written through its %s', async (type) => {
    work.write('large', content)
    const index = await work.add()
    rmSync(work.data, { recursive: true })
    const { sections } = await work.checkout(index.root, { links: [type] })
    chmodSync(object(), 0o644)
    writeFileSync(work.path('large'), Buffer.alloc(content.length, 'other'))
    if (type === 'symlink') return expect(await codeOf(() => work.addAgain({ ...index, sections }))).toBe('CORRUPT')
    const changed = await work.addAgain({ ...index, sections })
    expect(changed.oid).not.toBe(index.oid)
    const { failures } = await work.checkout(index.root, { links: ['copy'] })
    expect(failures.map(({ code }) => code)).toEqual(['CORRUPT'])
  })

  it('leaves nothing behind where a hard link replaces itself', async () => {
    work.write('large', content)
    await work.add()
    const place = { cache: work.cache, linker: new Linker(['hardlink']), temporary: work.temporary }
    for (let i = 0; i < 2; i++) {
      checkoutFile(work.path('large'), { oid, size: content.length, executable: false }, place)
    }
    expect(statSync(object()).nlink).toBe(2)
  })
})

describe('a reflink', () => {
  /** Cache and data in one file system that has reflinks; or why there is none. */
  function onXfs(): string | undefined {
    const mount = mountImage(['mkfs.xfs', '-q', '-m', 'reflink=1'])
    if (typeof mount === 'string') return mount
    mounted = mount
    work.remove()
    work = new TemporaryWorkspace(join(mount.path, 'cache'))
    Object.assign(work, { data: join(mount.path, 'data'), temporary: join(mount.path, 'tmp') })
    mkdirSync(work.data)
    return
  }

  function expectShared(path: string): void {
    const { error, stdout } = spawnSync('filefrag', ['-v', path], { encoding: 'utf8' })
    if (error === undefined) expect(stdout).toContain('shared')
  }

  it('shares its blocks with the cache until one of the two is written to', async ({ skip }) => {
    const why = onXfs()
    if (why !== undefined) return skip(why)
    const { path, refused } = await restored(['reflink', 'copy'])
    expect(refused).toEqual([])
    expect(inode(path)).not.toBe(inode(object()))
    expect(statSync(path).mode & 0o200).toBe(0o200)
    expectShared(path)
    appendFileSync(path, 'x')
    writeFileSync(path, Buffer.alloc(content.length, 'other'))
    expect(readFileSync(object()).equals(content)).toBe(true)
    expect(statSync(path).mtimeMs).toBeGreaterThan(statSync(object()).mtimeMs)
  })

  it('is what the cache makes of a file, so that it takes no room, and is itself whatever becomes of that', async ({
    skip,
  }) => {
    const why = onXfs()
    if (why !== undefined) return skip(why)
    work.write('large', content, 0o755)
    await work.add()
    expectShared(object())
    expect(statSync(object()).mode & 0o777).toBe(0o444)
    writeFileSync(work.path('large'), Buffer.alloc(content.length, 'other'))
    expect(toHex(hashFile(object()))).toBe(oid)
  })

  it('is a copy where the file system has none', async () => {
    const { path, refused } = await restored(['reflink', 'copy'])
    expect(readFileSync(path).equals(content)).toBe(true)
    expect([[], ['reflink']]).toContainEqual(refused)
  })
})
