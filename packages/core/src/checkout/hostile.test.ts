import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { LARGE_FILE, objectPath } from '../cache/layout.ts'
import { PackWriter } from '../cache/pack-writer.ts'
import { SEAL_SECONDS, seal } from '../cache/seal.ts'
import { LINK_TYPES, Linker } from '../link/link.ts'
import { sha256, toHex } from '../oid.ts'
import { mountImage, mountTmpfs, type TemporaryMount } from '../temporary-mount.ts'
import { damageInPacks } from '../temporary-damage.ts'
import { eachWorkspace } from '../temporary-each.ts'
import { codeOf, failureOf } from '../temporary-workspace.ts'
import { buildFolder } from '../tree/build.ts'
import { encodeNode, type TreeEntry } from '../tree/node.ts'
import { checkoutFile } from './file.ts'

const work = eachWorkspace()

/** Puts contents into the cache as they are, whatever they say. */
async function plant(...contents: readonly Uint8Array[]): Promise<void> {
  const writer = new PackWriter(work.cache.layout)
  for (const bytes of contents) writer.append(sha256(bytes), bytes)
  await writer.finish()
  work.cache.reload()
}

function entry(name: string, kind: TreeEntry['kind'], content: Uint8Array, size = content.length): TreeEntry {
  return { name, kind, executable: false, size, oid: sha256(content) }
}

describe('a tree from a stranger', () => {
  const content = Buffer.from('evil')

  it('writes nothing outside the directory, whatever its names are', async () => {
    await work.add()
    for (const name of ['..', '.', '.git', '.Git ', 'a/b', 'git~1', '../../x', '/etc/x']) {
      const node = encodeNode(0, [entry('x'.repeat(Buffer.byteLength(name)), 'f', content)])
      node.write(name, 22)
      await plant(content, node)
      expect(await codeOf(() => work.checkout(sha256(node)))).toBe('PATH_UNSAFE')
    }
    expect(readdirSync(work.root).toSorted()).toEqual(['cache', 'data'])
  })

  it('makes no link that leaves the directory', async () => {
    await work.add()
    for (const to of ['/etc/passwd', '../x', '..', 'a/../../x', '']) {
      const target = Buffer.from(to)
      const node = encodeNode(0, [entry('good', 'f', content), entry('link', 'l', target)])
      await plant(content, target, node)
      const { failures } = await work.checkout(sha256(node), { force: true })
      expect(failures.map(({ code, path }) => [code, path])).toEqual([['SYMLINK', work.path('link')]])
      expect(readdirSync(work.data)).toEqual(['good'])
    }
  })

  it('is not written through a link that lies in a folder’s place, even an ignored one', async () => {
    await work.add()
    const inner = buildFolder([entry('authorized_keys', 'f', content)])
    const outer = buildFolder([entry('a', 'f', content), { ...entry('ssh', 'd', Buffer.alloc(0), 4), oid: inner.oid }])
    await plant(content, ...inner.nodes.map(({ bytes }) => bytes), ...outer.nodes.map(({ bytes }) => bytes))
    const outside = join(work.root, 'outside')
    mkdirSync(outside)
    symlinkSync(outside, work.path('ssh'))
    expect(await codeOf(() => work.checkout(outer.oid))).toBe('SYMLINK')
    const ignores = (path: string): boolean => path === 'ssh'
    const { failures } = await work.checkout(outer.oid, { ignores, force: true })
    expect(failures.map(({ code, path }) => [code, path])).toEqual([['WOULD_OVERWRITE', work.path('ssh')]])
    expect(readdirSync(outside)).toEqual([])
    await work.checkout(outer.oid, { force: true })
    expect(readdirSync(outside)).toEqual([])
    expect(lstatSync(work.path('ssh')).isDirectory()).toBe(true)
  })

  it('does not lie about sizes', async () => {
    await work.add()
    const node = encodeNode(0, [entry('small', 'f', content, 5), entry('true', 'f', content)])
    await plant(content, node)
    const { failures } = await work.checkout(sha256(node))
    expect(failures.map(({ code, path }) => [code, path])).toEqual([['CORRUPT', work.path('small')]])
    expect(readdirSync(work.data)).toEqual(['true'])
  })

  it('has no more files than its pointer says', async () => {
    for (const name of ['a', 'b', 'c']) work.write(name, name)
    const { root } = await work.add()
    expect(await codeOf(() => work.checkout(root, { files: 2 }))).toBe('CORRUPT')
    expect(await codeOf(() => work.checkout(root, { files: 3 }))).toBe('none')
  })
})

describe('damaged content never reaches the workspace', () => {
  const large = Buffer.alloc(LARGE_FILE + 9, 1)
  const oid = toHex(sha256(large))

  function damageObject(resealed: boolean): void {
    const path = objectPath(work.cache.layout, oid)
    const bytes = readFileSync(path)
    bytes[LARGE_FILE]! ^= 1
    chmodSync(path, 0o644)
    writeFileSync(path, bytes)
    if (resealed) seal(path)
  }

  it('from a pack', async () => {
    work.write('bad', 'a content that will be damaged')
    work.write('good', 'x')
    work.write('sub/bad', 'a content that will be damaged')
    const { root } = await work.add()
    rmSync(work.data, { recursive: true })
    damageInPacks(work.cache.layout, 'a content that will be damaged')
    const { failures } = await work.checkout(root)
    expect(failures.map(({ code, path }) => [code, path])).toEqual([
      ['CORRUPT', work.path('bad')],
      ['CORRUPT', work.path('sub/bad')],
    ])
    expect(Object.keys(work.listing()).toSorted()).toEqual(['good', 'sub'])
    await expect(async () => {
      const place = { cache: work.cache, linker: new Linker(['copy']), temporary: work.temporary }
      const bad = sha256(Buffer.from('a content that will be damaged'))
      checkoutFile(work.path('f'), { oid: toHex(bad), size: 30, executable: false }, place)
    }).rejects.toMatchObject({ code: 'CORRUPT' })
    expect(readdirSync(work.temporary)).toEqual([])
  })

  it.each(LINK_TYPES)('from a large object that someone wrote to, as a %s', async (type) => {
    work.write('large', large)
    work.write('run', large, 0o755)
    const { root } = await work.add()
    rmSync(work.data, { recursive: true })
    damageObject(false)
    const { failures } = await work.checkout(root, { links: [type] })
    const message = expect.stringContaining(objectPath(work.cache.layout, oid))
    expect(failures).toMatchObject([
      { code: 'CORRUPT', path: work.path('large'), message },
      { code: 'CORRUPT', path: work.path('run'), message },
    ])
    expect(readdirSync(work.data)).toEqual([])
  })

  it('from a large object whose seal is whole: a copy is hashed', async () => {
    work.write('large', large)
    const { root } = await work.add()
    rmSync(work.data, { recursive: true })
    damageObject(true)
    expect(statSync(objectPath(work.cache.layout, oid)).mtimeMs).toBe(SEAL_SECONDS * 1000)
    const { failures } = await work.checkout(root, { links: ['copy'] })
    expect(failures.map(({ code }) => code)).toEqual(['CORRUPT'])
    expect(readdirSync(work.data)).toEqual([])
    const place = { cache: work.cache, linker: new Linker(['copy']), temporary: work.temporary }
    const file = { oid, size: large.length, executable: false }
    expect(await codeOf(() => checkoutFile(work.path('f'), file, place))).toBe('CORRUPT')
    expect(readdirSync(work.data)).toEqual([])
    expect(readdirSync(work.temporary)).toEqual([])
  })

  it('from a large object of another size', async () => {
    work.write('large', large)
    const { root } = await work.add()
    rmSync(work.data, { recursive: true })
    const path = objectPath(work.cache.layout, oid)
    chmodSync(path, 0o644)
    writeFileSync(path, large.subarray(1))
    seal(path)
    const { failures } = await work.checkout(root)
    expect(failures.map(({ code }) => code)).toEqual(['CORRUPT'])
  })
})

describe('names that are one on this file system', () => {
  let mounted: TemporaryMount | undefined
  afterEach(() => {
    mounted?.unmount()
    mounted = undefined
  })

  it('are told, and nothing is overwritten: simulated by a file that comes in between', async () => {
    work.write('A', 'upper')
    const two = await work.add()
    rmSync(work.path('A'))
    work.write('b', 'x')
    await work.add()
    let first = true
    const ignores = (): boolean => {
      // After the scan has seen the folder.
      if (!first) writeFileSync(work.path('A'), 'lower')
      first = false
      return false
    }
    const { failures } = await work.checkout(two.root, { ignores })
    expect(failures.map(({ code, path }) => [code, path])).toEqual([['NAME_COLLISION', work.path('A')]])
    expect(readFileSync(work.path('A'), 'utf8')).toBe('lower')
  })

  it('are told on a file system that does not tell them apart', async ({ skip }) => {
    const ext4 = mountImage(['mkfs.ext4', '-q', '-O', 'casefold', '-E', 'encoding=utf8'])
    const mount =
      typeof ext4 === 'string' ? mountImage(['mkfs.ntfs', '-F', '-q'], ['lowntfs-3g', '-o', 'ignore_case']) : ext4
    if (typeof mount === 'string') return skip(`${typeof ext4 === 'string' ? ext4 : ''}; ${mount}`)
    mounted = mount
    for (const name of ['readme', 'README', 'd/x', 'D/y', 'other']) work.write(name, name)
    work.write('large', Buffer.alloc(LARGE_FILE, 1))
    work.write('LARGE', Buffer.alloc(LARGE_FILE, 2))
    const { root } = await work.add()
    const folding = join(mount.path, 'folding')
    mkdirSync(folding)
    if (mount === ext4 && spawnSync('chattr', ['+F', folding]).status !== 0) return skip('chattr +F is refused here')
    const data = work.data
    Object.assign(work, { data: join(folding, 'data') })
    try {
      for (const present of [false, true]) {
        if (present) mkdirSync(work.data)
        const { failures } = await work.checkout(root, { temporary: join(folding, 'tmp') })
        expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['NAME_COLLISION']))
        // Both folders are kept as one where it was there before anybody could know.
        const paths = [...(present ? [] : ['d']), 'large', 'readme'].map((name) => work.path(name))
        expect(new Set(failures.map(({ path }) => path))).toEqual(new Set(paths))
        expect(readFileSync(work.path('README'), 'utf8')).toBe('README')
        expect(readFileSync(work.path('LARGE'))[0]).toBe(2)
        rmSync(work.data, { recursive: true })
      }
    } finally {
      Object.assign(work, { data })
    }
  })

  it('may change their case only', async () => {
    work.write('readme', 'x')
    const one = await work.add()
    rmSync(work.path('readme'))
    work.write('README', 'x')
    await work.checkout(one.root)
    expect(readdirSync(work.data)).toEqual(['readme'])
  })
})

describe('where a folder is a mount of its own', () => {
  it('what is not complete yet lies beside it, not in the temporary folder', async ({ skip }) => {
    work.write('a', 'new')
    work.write('large', Buffer.alloc(LARGE_FILE, 1))
    const { root } = await work.add()
    const mount = mountTmpfs('16m')
    if (typeof mount === 'string') return skip(mount)
    const data = work.data
    Object.assign(work, { data: join(mount.path, 'data') })
    try {
      await work.checkout(root)
      work.write('a', 'new')
      rmSync(work.path('large'))
      expect((await work.checkout(root)).failures).toEqual([])
      expect(readdirSync(mount.path)).toEqual(['data'])
      expect(readdirSync(work.data).toSorted()).toEqual(['a', 'large'])
      const place = { cache: work.cache, linker: new Linker(['copy']), temporary: work.temporary }
      checkoutFile(work.path('b'), { oid: toHex(sha256(Buffer.from('new'))), size: 3, executable: true }, place)
      expect(statSync(work.path('b')).mode & 0o100).toBe(0o100)
    } finally {
      Object.assign(work, { data })
      mount.unmount()
    }
  })

  it('a folder that is in the way of a file and holds ignored files is named', async () => {
    work.write('x', 'file')
    const two = await work.add()
    rmSync(work.path('x'))
    work.write('x/a.log', 'mine')
    const found = await work.checkout(two.root, { ignores: (path) => path.endsWith('.log') })
    expect(found.failures.map(({ code, path }) => [code, path])).toEqual([['WOULD_OVERWRITE', work.path('x')]])
    expect(await failureOf(() => work.checkout(two.root, { ignores: (path) => path.endsWith('.log') }))).toMatchObject({
      code: 'none',
    })
    expect(readFileSync(work.path('x', 'a.log'), 'utf8')).toBe('mine')
  })
})
