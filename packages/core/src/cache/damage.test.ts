import { chmodSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { toHex, sha256 } from '../oid.ts'
import { FileStore } from '../scan/store-file.ts'
import { damageInPacks } from '../temporary-damage.ts'
import { mountTmpfs } from '../temporary-mount.ts'
import { eachWorkspace } from '../temporary-each.ts'
import { codeOf, TemporaryWorkspace } from '../temporary-workspace.ts'
import { Cache } from './cache.ts'
import { LARGE_FILE, objectPath } from './layout.ts'
import { PackReader } from './pack-reader.ts'
import { isSealed, seal } from './seal.ts'

const BAD = 'a content that will be damaged'
const bad = sha256(Buffer.from(BAD))
const good = sha256(Buffer.from('good'))

const work = eachWorkspace()
beforeEach(() => {
  work.write('bad', BAD)
  work.write('good', 'good')
  work.write('sub/x', 'x')
})

const names = (): string[] => readdirSync(work.cache.layout.packs)
const whatIsHeld = (): boolean[] => {
  work.cache.reload()
  return [work.cache.hasFile(bad, BAD.length), work.cache.hasFile(good, 4)]
}

describe('a pack that somebody wrote to', () => {
  it('is read once, and only what is damaged in it counts as absent', async () => {
    await work.add()
    const [path] = damageInPacks(work.cache.layout, BAD, { written: true })
    expect(whatIsHeld()).toEqual([false, true])
    expect(work.cache.damaged).toMatchObject([{ code: 'CORRUPT', path, message: expect.stringContaining('1 of ') }])
    expect(isSealed(statSync(path!).mtimeMs)).toBe(true)
    expect(whatIsHeld()).toEqual([false, true])
    expect(work.cache.damaged).toEqual([])
  })

  it('and that was only touched is whole', async () => {
    await work.add()
    for (const name of names()) utimesSync(join(work.cache.layout.packs, name), 1, 1)
    expect(whatIsHeld()).toEqual([true, true])
    expect(names().filter((name) => name.endsWith('.damaged'))).toEqual([])
  })

  it('is made whole by adding again, though nothing has changed in the workspace', async () => {
    const index = await work.add()
    damageInPacks(work.cache.layout, BAD, { written: true })
    work.cache.reload()
    expect((await work.addAgain(index)).oid).toBe(index.oid)
    expect(whatIsHeld()).toEqual([true, true])
    rmSync(work.data, { recursive: true })
    expect((await work.checkout(index.root)).failures).toEqual([])
  })

  it('with its damaged part put right is whole again', async () => {
    await work.add()
    const [path] = damageInPacks(work.cache.layout, BAD, { written: true })
    const bytes = readFileSync(path!)
    expect(whatIsHeld()).toEqual([false, true])
    bytes[bytes.indexOf(BAD.slice(1)) - 1]! ^= 1
    writeFileSync(path!, bytes)
    expect(whatIsHeld()).toEqual([true, true])
  })

  it('in a cache that cannot be written to is taken as it is, and checked when it is read', async ({ skip }) => {
    const mount = mountTmpfs('8m')
    if (typeof mount === 'string') return skip(mount)
    const other = new TemporaryWorkspace(join(mount.path, 'cache'))
    other.write('bad', BAD)
    const { root } = await other.add()
    damageInPacks(other.cache.layout, BAD, { written: true })
    mount.remount('ro')
    other.cache.reload()
    expect(other.cache.hasFile(bad, BAD.length)).toBe(true)
    rmSync(other.data, { recursive: true })
    const { failures } = await other.checkout(root)
    expect(failures).toMatchObject([{ code: 'CORRUPT', hint: expect.stringMatching(/^Move this file away/) }])
    other.remove()
    mount.unmount()
  })
})

describe('a pack that has lost a bit without anybody writing to it', () => {
  const lose = (): void => {
    damageInPacks(work.cache.layout, BAD)
    work.cache.reload()
  }

  it('is noted by whoever reads the damage, and what else it holds stays of use', async () => {
    const index = await work.add()
    lose()
    expect(whatIsHeld()).toEqual([true, true])
    rmSync(work.data, { recursive: true })
    const { failures } = await work.checkout(index.root)
    expect(failures).toMatchObject([{ code: 'CORRUPT', hint: expect.stringContaining('`art add`') }])
    expect(whatIsHeld()).toEqual([false, true])
    expect(new PackReader(work.cache.packs).read(good).toString()).toBe('good')
  })

  it('heals by adding once it was noticed', async () => {
    const index = await work.add()
    lose()
    expect(await codeOf(() => new PackReader(work.cache.packs).read(bad))).toBe('CORRUPT')
    work.cache.reload()
    await work.addAgain(index)
    expect(whatIsHeld()).toEqual([true, true])
    expect(new PackReader(work.cache.packs).read(bad).toString()).toBe(BAD)
  })

  it('heals unnoticed where adding has the content at hand', async () => {
    await work.add()
    lose()
    await work.add()
    work.cache.reload()
    expect(new PackReader(work.cache.packs).read(bad).toString()).toBe(BAD)
    lose()
    const files = new FileStore(work.cache)
    expect((await files.store(work.path('bad'))).oid).toBe(toHex(bad))
    await files.finish()
    expect(new PackReader(work.cache.packs).read(bad).toString()).toBe(BAD)
  })

  it('is found where a single file is asked for', async () => {
    await work.add()
    expect(work.cache.hasWholeFile(bad, BAD.length)).toBe(true)
    lose()
    expect(work.cache.hasWholeFile(bad, BAD.length)).toBe(false)
    expect(work.cache.hasFile(bad, BAD.length)).toBe(false)
    expect(work.cache.hasWholeFile(good, 4)).toBe(true)
    expect(work.cache.hasWholeFile(sha256(Buffer.from('absent')), 6)).toBe(false)
  })

  it('and with it a tree node heals, whether or not the folder has changed', async () => {
    for (let i = 0; i < 700; i++) work.write(`wide/${i}`, `${i}`)
    const index = await work.add()
    const wide = index.sections.find(({ path }) => path === 'wide')!
    damageInPacks(work.cache.layout, work.cache.readNode(wide.tree!.oid))
    work.cache.reload()
    expect((await work.addAgain(index)).oid).toBe(index.oid)
    work.cache.reload()
    damageInPacks(work.cache.layout, work.cache.readNode(index.root))
    work.cache.reload()
    expect((await work.add()).oid).toBe(index.oid)
    rmSync(work.data, { recursive: true })
    expect(new Cache(work.cache.layout.root).readNode(index.root).length).toBeGreaterThan(0)
    expect((await work.checkout(index.root)).failures).toEqual([])
  })

  it('can hold much that is damaged: each is told, and all is noted', async () => {
    for (let i = 0; i < 50; i++) work.write(`many/${i}`, `${BAD} ${i}`)
    const index = await work.add()
    for (let i = 0; i < 50; i++) damageInPacks(work.cache.layout, `${BAD} ${i}`)
    rmSync(work.data, { recursive: true })
    work.cache.reload()
    const { failures } = await work.checkout(index.root)
    expect(failures.length).toBeGreaterThanOrEqual(49)
    work.cache.reload()
    expect(work.cache.hasFile(sha256(Buffer.from(`${BAD} 49`)), BAD.length + 3)).toBe(false)
    expect(work.cache.hasFile(good, 4)).toBe(true)
  })
})

it('a large object that has lost a bit counts as absent once that was noticed, and is replaced by adding', async () => {
  const large = Buffer.alloc(LARGE_FILE, 3)
  work.write('large', large)
  const index = await work.add()
  const path = objectPath(work.cache.layout, toHex(sha256(large)))
  const lost = Buffer.from(large)
  lost[5]! ^= 1
  chmodSync(path, 0o644)
  writeFileSync(path, lost)
  seal(path)
  const other = new TemporaryWorkspace(work.cache.layout.root)
  rmSync(other.data, { recursive: true })
  const { failures } = await other.checkout(index.root, { links: ['copy'] })
  expect(failures).toMatchObject([{ code: 'CORRUPT', hint: expect.stringMatching(/^Run `art pull`/) }])
  expect(work.cache.hasFile(sha256(large), LARGE_FILE)).toBe(false)
  await work.addAgain(index)
  expect(readFileSync(path).equals(large)).toBe(true)
  other.remove()
})
