import { randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { crc32 } from '../hash/crc32.ts'
import { eachWorkspace } from '../temporary-each.ts'
import { takeProbe } from './probe.ts'
import { flag, Records } from './record.ts'
import { loadIndex, saveIndex } from './store.ts'

const work = eachWorkspace()
let path: string
beforeEach(() => {
  path = join(work.root, 'index', 'data')
})

function probe(): number {
  return takeProbe(work.temporary).trustedBefore
}

describe('the index on disk', () => {
  it('is as good as absent when it is damaged, empty, or a folder', async () => {
    work.write('a', 'x')
    saveIndex(path, await work.add(), 0)
    expect(loadIndex(path)?.decoded.files).toBe(1)
    const whole = readFileSync(path)
    for (const length of [0, 10, whole.length - 1]) {
      truncateSync(path, length)
      expect(loadIndex(path)).toBeUndefined()
    }
    whole[100]! ^= 1
    writeFileSync(path, whole)
    expect(loadIndex(path)).toBeUndefined()
    rmSync(path)
    expect(loadIndex(path)).toBeUndefined()
    mkdirSync(path)
    expect(loadIndex(path)).toBeUndefined()
  })

  it('of the first version, which had no seed, is as good as absent too', async () => {
    work.write('a', 'x')
    saveIndex(path, await work.add(), 0)
    const whole = readFileSync(path)
    whole.writeUInt32LE(1, 8)
    const old = Buffer.concat([whole.subarray(0, 64), whole.subarray(72, -8), Buffer.alloc(8)])
    old.writeUInt32LE(crc32(old.subarray(0, -8)), old.length - 8)
    writeFileSync(path, old)
    expect(loadIndex(path)).toBeUndefined()
  })

  it('leaves no temporary file behind when it cannot be written', async () => {
    const index = await work.add()
    mkdirSync(path, { recursive: true })
    expect(() => saveIndex(path, index, 0)).toThrow()
    expect(() => statSync(`${path}.${process.pid}.tmp`)).toThrow()
  })

  it('claims a root only where its top folder has that tree', async () => {
    work.write('a', 'x')
    const index = await work.add()
    saveIndex(path, index, 0)
    expect(Buffer.from(loadIndex(path)!.decoded.root)).toEqual(Buffer.from(index.root))
    for (const wrong of [
      { ...index, root: randomBytes(32) },
      { ...index, sections: index.sections.map(({ path: at, names, records }) => ({ path: at, names, records })) },
    ]) {
      saveIndex(path, wrong, 0)
      expect(Buffer.from(loadIndex(path)!.decoded.root)).toEqual(Buffer.alloc(32))
    }
    expect(loadIndex(path)!.decoded.sections[0]!.tree).toBeUndefined()
  })
})

describe('an entry that changed too late to be trusted', () => {
  it('is read again: a write of the same size in the same instant is noticed', async () => {
    for (let round = 0; round < 20; round++) {
      work.write('f', `old ${round}`)
      const trustedBefore = probe()
      const before = await work.add({ trustedBefore })
      saveIndex(path, before, trustedBefore)
      const { mtime } = lstatSync(work.path('f'))
      work.write('f', `new ${round}`)
      utimesSync(work.path('f'), mtime, mtime)
      const after = await work.add({ known: loadIndex(path), trustedBefore: probe() })
      expect(after.oid).not.toBe(before.oid)
      expect(after.oid).toBe((await work.add()).oid)
    }
  })

  it('is marked, by its mtime or its ctime, and an older one is not', async () => {
    work.write('a', 'x')
    work.write('b', 'x')
    utimesSync(work.path('b'), 1, 1)
    const index = await work.add()
    const racy = (trustedBefore: number): boolean[] => {
      saveIndex(path, index, trustedBefore)
      const { records } = loadIndex(path)!.decoded.sections[0]!
      return [0, 1].map((i) => (records.flags(i) & flag.racy) !== 0)
    }
    expect(racy(Number.POSITIVE_INFINITY)).toEqual([false, false])
    expect(racy(lstatSync(work.path('a')).ctimeMs - 1)).toEqual([true, true])
  })

  it('is one that was there at the probe’s time or shortly before', () => {
    const before = takeProbe(work.temporary)
    const { mtimeMs } = statSync(join(work.temporary, 'probe'))
    expect(before.trustedBefore).toBeLessThan(mtimeMs)
    expect(before.trustedBefore).toBeGreaterThanOrEqual(mtimeMs - 2000)
    expect(takeProbe(work.temporary).trustedBefore).toBeGreaterThanOrEqual(before.trustedBefore - 2000)
  })
})

it('an index that is lost, or another directory’s, changes no result', async () => {
  for (let i = 0; i < 20; i++) work.write(`d${i % 3}/f${i}`, `content ${i}`)
  const index = await work.add()
  expect((await work.add()).oid).toBe(index.oid)
  rmSync(work.data, { recursive: true })
  for (let i = 0; i < 20; i++) work.write(`d${i % 4}/g${i % 7}`, `content ${i}`)
  const other = await work.addAgain(index)
  expect(other.oid).not.toBe(index.oid)
  expect(other.oid).toBe((await work.add()).oid)
})

describe('a record', () => {
  it('has the same stat only where size, times and inode are the same', () => {
    work.write('f', 'x')
    const records = Records.allocate(2)
    const stat = lstatSync(work.path('f'))
    records.setStat(1, stat)
    expect(records.sameStat(1, stat)).toBe(true)
    expect(records.sameStat(0, stat)).toBe(false)
    for (const change of [{ size: 2 }, { mtimeMs: 1 }, { ctimeMs: 1 }, { ino: 1 }]) {
      expect(records.sameStat(1, Object.assign(Object.create(stat), change))).toBe(false)
    }
  })

  it('keeps a 64-bit hash, and nothing of its neighbours', () => {
    const records = Records.allocate(3)
    records.setQuickHash(1, 0xfedc_ba98_7654_3210n)
    records.setOid(1, randomBytes(32))
    expect(records.quickHash(1)).toBe(0xfedc_ba98_7654_3210n)
    expect(
      [records.bytes.subarray(0, 88), records.bytes.subarray(176)].every((bytes) => bytes.every((byte) => byte === 0)),
    ).toBe(true)
  })
})
